import { availableParallelism, hostname } from 'node:os';
import { escapeText } from '../core/escape-text.ts';
import { machineName } from '../core/ids.ts';
import { approximateRatio } from '../core/ratio.ts';
import { forecastShares } from '../run/forecast.ts';
import { allMachines, type Prepared } from '../run/prepare.ts';
import { runSample, type Sample } from '../run/sample.ts';
import { createReporter } from './create-reporter.ts';
import { exitCodes } from './exit-codes.ts';
import { formatCount, formatDuration, formatTimeOfDay } from './format.ts';
import { surviveLostTerminal } from './lost-terminal.ts';
import { allHere } from './prompts.ts';
import { chooseMachine, type Program, prepare, type RunFlags } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';
import { createSignals } from './signals.ts';

/** Runs some jobs of the pool and says what the whole would take; leaves nothing behind. Returns the exit code. */
export async function sampleCommand(program: Program, flags: RunFlags, count: number): Promise<number> {
  const prepared = await prepare(program, flags.set);
  if (typeof prepared === 'number') return prepared;
  const known = prepared.machines.some(({ name }) => name === hostname()) ? hostname() : allHere;
  const machine = await chooseMachine(prepared, flags.machine ?? known);
  if (typeof machine === 'number') return machine;
  const entry = prepared.machines.find(({ name }) => name === machine);
  const cores = flags.cores ?? entry?.cores ?? availableParallelism();
  const signals = createSignals();
  surviveLostTerminal();
  const result = await runSample(
    {
      ...program,
      prepared,
      machine: machine === allHere ? allMachines : machineName(machine),
      cores,
      retryFailed: false,
      rerunOlderCode: false,
      acceptCode: () => true,
      untilMs: flags.until,
      reporter: createReporter(prepared.resolved.settings.progressPool),
      onStarted: signals.listen,
    },
    count,
  );
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.usage;
  }
  process.stdout.write(process.stdout.isTTY ? escapeLines(result.value.table) : result.value.table);
  showTimes(prepared, machine, cores, result.value);
  return exitCodeOf(result.value, signals.stoppedAtOnce());
}

/** Results may hold what a terminal would obey. */
function escapeLines(table: string): string {
  return table.split('\n').map(escapeText).join('\n');
}

function showTimes(prepared: Prepared, machine: string, cores: number, { runMs, end }: Sample): void {
  const { done, failed } = end.summary.jobs;
  say(
    `Sample      ${formatCount(done)} done, ${formatCount(failed)} failed, of ${formatCount(prepared.pool.length)} jobs`,
  );
  const [median, longest] = [runMs[Math.floor(runMs.length / 2)], runMs.at(-1)];
  if (median === undefined || longest === undefined) return;
  say(`Job time    median ${spellTime(median)}, longest ${spellTime(longest)}`);
  const meanMs = runMs.reduce((sum, ms) => sum + ms, 0) / runMs.length;
  const entry = prepared.machines.find(({ name }) => name === machine);
  const nowMs = Date.now();
  const untilOf = (ms: number): string => `${formatDuration(ms)}, until ${formatTimeOfDay(nowMs + ms, nowMs)}`;
  if (entry === undefined)
    say(`All here    about ${untilOf((meanMs * prepared.pool.length) / cores)} on ${cores} cores`);
  if (prepared.machines.every(({ name }) => name === allMachines)) return;
  for (const share of forecastShares(prepared, meanMs, entry === undefined ? 1 : approximateRatio(entry.weight))) {
    say(`${share.machine.padEnd(11)} ${formatCount(share.jobs)} jobs, about ${untilOf(share.ms)}`);
  }
  const here = entry === undefined ? 'this machine has weight 1' : `this machine is ${machine}`;
  say(`            if started now, if ${here} and the weights in machines.json are right`);
}

function spellTime(ms: number): string {
  return ms < 10_000 ? `${Number((ms / 1_000).toPrecision(3))} s` : formatDuration(ms);
}

function exitCodeOf({ end }: Sample, signalled: number | undefined): number {
  if (end.left > 0) return signalled ?? exitCodes.stoppedEarly;
  return end.summary.jobs.failed > 0 ? exitCodes.jobsFailed : exitCodes.done;
}
