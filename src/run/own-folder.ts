import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import type { Prepared } from './prepare.ts';

/**
 * The folder that `--out` names; `undefined`: none is named. `--fresh` moves all of it aside, so neither the executable nor the three
 * files may lie in it, nor the folder in which the shell stands (which itself may be it).
 */
export function ownFolder(out: string | undefined, { files }: Pick<Prepared, 'files'>): Result<string | undefined> {
  if (out === undefined) return ok(undefined);
  if (out.trim() === '') return failed(refusal('--out is given no name'));
  const folder = resolve(out);
  if (isFile(folder)) return failed(refusal(`--out ${out} is a file: the run needs a folder of its own`));
  const places = [dirname(process.execPath), files.folder, dirname(process.cwd())];
  if (!places.some((place) => holds(folder, resolve(place)))) return ok(folder);
  return failed(refusal(`--out ${out} is a folder with other things in it: the run needs one of its own`));
}

function refusal(message: string): Diagnostic {
  return { severity: 'error', message, hint: 'name one that is not there yet, such as --out results' };
}

function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory();
}

/** Whether the place is the folder or lies in it. */
function holds(folder: string, place: string): boolean {
  const way = relative(folder, place);
  // Absolute: on another drive.
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
