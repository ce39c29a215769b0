import { dirname, relative, resolve, sep } from 'node:path';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import type { Prepared } from './prepare.ts';

/**
 * The folder that `--out` names. A run folder is the run's alone: `--fresh` moves all of it aside, so it must not be one in
 * which the executable, the three files or the shell stands. `undefined`: none is named.
 */
export function ownFolder(out: string | undefined, { files }: Pick<Prepared, 'files'>): Result<string | undefined> {
  if (out === undefined) return ok(undefined);
  if (out.trim() === '') return failed(refusal('--out is given no name'));
  const folder = resolve(out);
  const taken = [dirname(process.execPath), files.folder, process.cwd()].find((place) => holds(folder, resolve(place)));
  if (taken === undefined) return ok(folder);
  return failed(refusal(`--out ${out} is a folder with other things in it: the run needs one of its own`));
}

function refusal(message: string): Diagnostic {
  return { severity: 'error', message, hint: 'name one that is not there yet, such as --out results' };
}

/** Whether the place is the folder or lies in it. */
function holds(folder: string, place: string): boolean {
  const way = relative(folder, place);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === place);
}
