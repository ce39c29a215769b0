import { availableParallelism, hostname, totalmem } from 'node:os';
import { escapeText } from '../core/escape-text.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { machineName } from '../core/ids.ts';
import { approximateRatio } from '../core/ratio.ts';
import { spellCores } from '../core/spell-cores.ts';
import { forecastShares } from '../run/forecast.ts';
import { allMachines, type Prepared } from '../run/prepare.ts';
import { pickSample, runSample, type Sample } from '../run/sample.ts';
import { createReporter } from './create-reporter.ts';
import { exitCodes } from './exit-codes.ts';
import { formatBytes, formatDuration, formatTimeOfDay } from './format.ts';
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
      reporter: createReporter({
        name: prepared.name,
        settings: prepared.resolved.settings.progressPool,
        pool: prepared.pool,
        showsOutput: flags.tail === true,
      }),
      onStarted: signals.listen,
    },
    pickSample(prepared.pool.length, count),
  );
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.usage;
  }
  process.stdout.write(process.stdout.isTTY ? escapeLines(result.value.table) : result.value.table);
  showSample(prepared, machine, cores, result.value);
  return exitCodeOf(result.value, signals.stoppedAtOnce());
}

/** Results may hold what a terminal would obey. */
function escapeLines(table: string): string {
  return table.split('\n').map(escapeText).join('\n');
}

function showSample(prepared: Prepared, machine: string, cores: number, { runMs, workerBytes, end }: Sample): void {
  const { done, failed } = end.summary.jobs;
  say(
    `Sample      ${formatCount(done)} done, ${formatCount(failed)} failed, of ${formatCountOf(prepared.pool.length, 'job')}`,
  );
  if (workerBytes !== undefined) showMemory(workerBytes, cores);
  const [median, longest] = [runMs[Math.floor(runMs.length / 2)], runMs.at(-1)];
  if (median === undefined || longest === undefined) return;
  say(`Job time    median ${spellTime(median)}, longest ${spellTime(longest)}`);
  showForecast(prepared, machine, cores, runMs.reduce((sum, ms) => sum + ms, 0) / runMs.length);
}

/** What `memory_limit` and the number of cores are chosen by. */
function showMemory(workerBytes: number, cores: number): void {
  const all = cores === 1 ? '' : `, so up to ${formatBytes(workerBytes * cores)} in ${cores}`;
  const here = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  say(`Memory      at most ${formatBytes(workerBytes)} in one worker${all}; this machine has ${formatBytes(here)}`);
}

function showForecast(prepared: Prepared, machine: string, cores: number, meanMs: number): void {
  const entry = prepared.machines.find(({ name }) => name === machine);
  const nowMs = Date.now();
  const untilOf = (ms: number): string => `${formatDuration(ms)}, until ${formatTimeOfDay(nowMs + ms, nowMs)}`;
  if (entry === undefined)
    say(`All here    about ${untilOf((meanMs * prepared.pool.length) / cores)} on ${spellCores(cores)}`);
  if (prepared.machines.every(({ name }) => name === allMachines)) return;
  const unitMs = meanMs * (entry === undefined ? 1 : approximateRatio(entry.weight));
  for (const { machine: name, jobs, leftMs } of forecastShares(prepared, new Map(), unitMs)) {
    const time = leftMs === undefined ? '' : `, about ${untilOf(leftMs)}`;
    say(`${name.padEnd(11)} ${formatCountOf(jobs.total, 'job')}${time}`);
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
