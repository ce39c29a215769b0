import { existsSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { failed, ok, type Result } from '../core/diagnostic.ts';
import { reasonOf } from '../runtime/file-error.ts';
import { codeOf } from '../runtime/files.ts';
import { lockPath } from '../runtime/run-folder.ts';
import { type LockHolder, takeLock } from '../runtime/run-lock.ts';

export type MovedAside =
  | { readonly kind: 'nothing-there' }
  | { readonly kind: 'moved'; readonly to: string }
  | { readonly kind: 'locked'; readonly folder: string; readonly holder: LockHolder };

/**
 * Gives a run folder another name, for `--fresh`; never one that is being computed. The new name begins with `old.`,
 * so that `my_experiment.*` still means the folders that count.
 */
export function moveAside(folder: string, nowMs: number): Result<MovedAside> {
  if (!existsSync(folder)) return ok({ kind: 'nothing-there' });
  try {
    const lock = takeLock(lockPath(folder));
    if (!lock.ok) return ok({ kind: 'locked', folder, holder: lock.holder });
    // Windows renames no folder in which a file is open: the lock goes first.
    lock.release();
    const to = freeName(folder, nowMs);
    renameSync(folder, to);
    return ok({ kind: 'moved', to });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // On Windows it says so, too, where a program has a file of it open.
    const isRight = process.platform !== 'win32' && ['EACCES', 'EPERM'].includes(codeOf(error) ?? '');
    const way = isRight ? 'make it and the folder around it writable for you' : 'close the programs that use it';
    const hint = `${way}, or write elsewhere with --out FOLDER`;
    return failed({ severity: 'error', message: `${folder} cannot be moved aside: ${reasonOf(error)}`, hint });
  }
}

/** Whether a folder's name is one that `moveAside` gave: its run does not count any more. */
export function isMovedAside(name: string): boolean {
  return /^old\..+\.\d{8}T\d{6}Z(-\d+)?$/.test(name);
}

/** `old.my_experiment.lab1.20260731T140233Z` */
function freeName(folder: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const base = join(dirname(folder), `old.${basename(folder)}.${time}`);
  for (let number = 1; number < 10_000; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!existsSync(name)) return name;
  }
  throw new Error('no free name');
}
