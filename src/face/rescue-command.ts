import { formatCount, formatCountOf } from '../core/format-count.ts';
import { type RescueReport, rescue } from '../run/rescue.ts';
import { exitCodes } from './exit-codes.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

export interface RescueFlags extends CommonFlags {
  readonly lost: readonly string[];
  readonly relieve: readonly string[];
  readonly back: readonly string[];
  readonly all?: boolean;
}

/** Splits anew what is left; returns the exit code. */
export async function rescueCommand(program: Program, folders: readonly string[], flags: RescueFlags): Promise<number> {
  const prepared = await prepare(program, flags.set, { isForRescue: true, folders, looksBack: true });
  if (typeof prepared === 'number') return prepared;
  const { lost, relieve: relieved, back } = flags;
  const result = rescue({ prepared, folders, lost, relieved, back, all: flags.all === true });
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.usage;
  }
  showReport(result.value);
  return exitCodes.done;
}

function showReport(report: RescueReport): void {
  if (report.kind === 'nothing-left') {
    say('Nothing to rescue: all of these jobs are settled. Nothing was written.');
    return;
  }
  const { path, generation, gets, unseen } = report;
  for (const name of unseen) {
    say(`warning: no folder of ${name} was given: all its jobs count as not done (harmless, but they run again)`);
  }
  const jobs = gets.reduce((sum, it) => sum + it.jobs, 0);
  say(`Rescue      number ${generation.number} (${generation.digest.slice(0, 12)}): ${formatCountOf(jobs, 'job')}`);
  for (const { machine, jobs: count, had } of gets) {
    say(`${machine.padEnd(11)} ${formatCount(count)}${had > 0 ? ` (it had ${formatCount(had)} of them)` : ''}`);
  }
  say(`Written     ${path}`);
  say('Copy it beside the executable on every machine: running ones take it up by themselves, start the others again.');
}
