import { availableParallelism, hostname } from 'node:os';
import { type Calibrated, spellWeight } from '../core/calibration.ts';
import { escapeText } from '../core/escape-text.ts';
import { formatCountOf } from '../core/format-count.ts';
import { spellCores } from '../core/spell-cores.ts';
import { calibrateFolders, type FolderCalibration } from '../run/calibrate-folders.ts';
import { calibrateHere, type MachineSpeed } from '../run/calibrate-here.ts';
import { allMachines } from '../run/prepare.ts';
import { exitCodes } from './exit-codes.ts';
import { formatDuration } from './format.ts';
import { surviveLostTerminal } from './lost-terminal.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';
import { createSignals } from './signals.ts';

export interface CalibrateFlags extends CommonFlags {
  readonly machine?: string;
  readonly cores?: number;
  readonly jobs: number;
  readonly json?: boolean;
}

/** Without folders measures this machine, with folders what all of them have done; returns the exit code. */
export async function calibrateCommand(
  program: Program,
  folders: readonly string[],
  flags: CalibrateFlags,
): Promise<number> {
  const prepared = await prepare(program, flags.set, { ...(folders.length > 0 && { folders }) });
  if (typeof prepared === 'number') return prepared;
  if (folders.length > 0) {
    const result = calibrateFolders(prepared, folders);
    if (!result.ok) {
      sayDiagnostics(result.diagnostics);
      return exitCodes.usage;
    }
    const isGiven = prepared.resolved.settings.run.order === 'given';
    if (isGiven) say('warning: [run] order = given: shares hold different jobs, so their times may not compare');
    showFolders(result.value, flags.json === true);
    return exitCodes.done;
  }
  const name = flags.machine ?? hostname();
  const cores = flags.cores ?? prepared.machines.find((it) => it.name === name)?.cores ?? availableParallelism();
  const signals = createSignals();
  surviveLostTerminal();
  say(
    `Measuring   ${formatCountOf(Math.min(flags.jobs, prepared.pool.length), 'job')} of the pool on ${spellCores(cores)}, some of them alone first`,
  );
  const measured = await calibrateHere(
    {
      ...program,
      prepared,
      machine: allMachines,
      cores,
      retryFailed: false,
      rerunOlderCode: false,
      acceptCode: () => true,
      untilMs: undefined,
      reporter: { on: () => undefined },
      onStarted: signals.listen,
    },
    flags.jobs,
  );
  if (!measured.ok) {
    sayDiagnostics(measured.diagnostics);
    return exitCodes.usage;
  }
  if ('problem' in measured.value) {
    say(measured.value.problem);
    return signals.stoppedAtOnce() ?? exitCodes.jobsFailed;
  }
  showSpeed(name, measured.value, flags.json === true);
  return exitCodes.done;
}

function showSpeed(name: string, speed: MachineSpeed, isJson: boolean): void {
  const { cores, jobs, aloneMs, sameBusyMs, busyMs, weight, effectiveCores } = speed;
  const entry = `${JSON.stringify(name)}: [${spellWeight(weight)}, ${cores}]`;
  process.stdout.write(isJson ? `${JSON.stringify({ machine: name, ...speed }, null, 2)}\n` : `${entry}\n`);
  say(`Alone       ${formatMs(aloneMs)} a job`);
  say(
    `All cores   ${formatMs(sameBusyMs)} for the same jobs: ${spellCores(cores)} ${cores === 1 ? 'does' : 'do'} the work of ${effectiveCores.toFixed(1)}`,
  );
  say(`Mean        ${formatMs(busyMs)} over ${formatCountOf(jobs, 'job')} with all cores busy`);
  if (jobs < 2 * cores)
    say(
      `warning: ${formatCountOf(jobs, 'job')} cannot keep ${spellCores(cores)} busy; --jobs ${4 * cores} measures better`,
    );
  say('The line above is for machines.json. Its weight is jobs per second and core: take it from `calibrate` on every');
  say('machine, with the same --jobs, or on none.');
}

function showFolders(calibration: FolderCalibration, isJson: boolean): void {
  if (isJson) {
    process.stdout.write(`${JSON.stringify(calibration, null, 2)}\n`);
    return;
  }
  const { machines, imbalance, lastMs, evenMs, unknown } = calibration;
  for (const it of machines) say(spellMachine(it));
  say(
    `Imbalance   the last is ready after ${formatMs(lastMs)}, all together would be after ${formatMs(evenMs)} (${(100 * imbalance).toFixed(0)} % later)`,
  );
  for (const { name } of unknown) say(`warning: nothing is known of ${escapeText(name)}; its entry stays as it is`);
  const entries = [
    ...machines.map((it) => ({ name: it.machine, weight: spellWeight(it.newWeight), cores: it.cores })),
    ...unknown,
  ];
  const lines = entries.map(({ name, weight, cores }) => `  ${JSON.stringify(name)}: [${weight}, ${cores}]`);
  process.stdout.write(`{\n${lines.join(',\n')}\n}\n`);
  say('For machines.json of the next experiment; in this one `rescue` splits by it what is left.');
}

function spellMachine({ machine, weight, newWeight, meanMs, predictedMs, actualMs, left }: Calibrated): string {
  const change = `weight ${spellWeight(weight)} → ${spellWeight(newWeight)}`;
  const actual = left === 0 ? `took ${formatMs(actualMs)}` : `will take ${formatMs(actualMs)}`;
  return `${escapeText(machine).padEnd(11)} ${change}; ${formatMs(meanMs)} a job; predicted ${formatMs(predictedMs)}, ${actual}`;
}

function formatMs(ms: number): string {
  if (ms < 1_000) return `${Number(ms.toPrecision(3))} ms`;
  return ms < 100_000 ? `${Number((ms / 1_000).toPrecision(3))} s` : formatDuration(ms);
}
