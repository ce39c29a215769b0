import { encodeJson } from '../core/json.ts';
import { mergeFolders } from '../run/merge.ts';
import { exitCodes } from './exit-codes.ts';
import { formatCount } from './format.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

const missingShown = 20;

/** Joins run folders; returns the exit code. */
export async function mergeCommand(
  program: Program,
  folders: readonly string[],
  flags: CommonFlags & { readonly partial?: boolean },
): Promise<number> {
  const prepared = await prepare(program, flags.set);
  if (typeof prepared === 'number') return prepared;
  const result = mergeFolders({ ...program, prepared, folders });
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.incomplete;
  }
  const { summary, missing, perMachine, folder } = result.value;
  for (const { machine, done, failed } of perMachine)
    say(`${machine}: ${formatCount(done)} done, ${formatCount(failed)} failed`);
  say(`Results     ${folder}`);
  if (summary.reduced !== undefined) say(`Reduced     ${encodeJson(summary.reduced)}`);
  if (missing.length > 0) {
    const more = missing.length > missingShown ? ', …' : '';
    say(`Missing     ${formatCount(missing.length)} jobs: ${missing.slice(0, missingShown).join(', ')}${more}`);
    return flags.partial === true ? exitCodes.done : exitCodes.incomplete;
  }
  if (summary.jobs.failed === 0) return exitCodes.done;
  say(`Settled, ${formatCount(summary.jobs.failed)} failed: failed.csv`);
  return exitCodes.jobsFailed;
}
