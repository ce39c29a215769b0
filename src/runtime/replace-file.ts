import { dirname } from 'node:path';
import { draftOf } from './draft.ts';
import { explainFileError } from './file-error.ts';
import { codeOf, type Files, systemFiles, withFile, writeAll } from './files.ts';

/** Windows, while a spreadsheet, a virus scanner or a sync client has the file open; mostly for moments only. */
const heldCodes: ReadonlySet<unknown> = new Set(['EBUSY', 'EPERM', 'EACCES']);

/** Waits between tries to rename: a second in all. */
const waitsMs: readonly number[] = [10, 20, 40, 80, 150, 300, 400];

/**
 * Replaces a file as a whole: whoever reads it finds the old text or the new one, also after a power cut. Throws what
 * the system says; the old file is then untouched.
 */
export function replaceFile(path: string, text: string, files: Files = systemFiles): void {
  const draft = draftOf(path);
  try {
    withFile(files, draft, 'replace', (file) => {
      writeAll(files, file, Buffer.from(text), 0);
      files.sync(file);
    });
    renameHeld(files, draft, path);
  } catch (error) {
    removeQuietly(files, draft);
    throw error;
  }
  syncFolder(files, dirname(path));
}

/** The same for files that a run can do without: says what is wrong instead of throwing. */
export function tryReplaceFile(path: string, text: string, files: Files = systemFiles): string | undefined {
  return whyNot(() => replaceFile(path, text, files));
}

/** Makes a new file, whole from its first moment on; never overwrites one. Returns whether it was made. */
export function createFile(path: string, text: string, files: Files = systemFiles): boolean {
  const draft = draftOf(path);
  const write = (file: number): void => writeAll(files, file, Buffer.from(text), 0);
  try {
    withFile(files, draft, 'replace', (file) => {
      write(file);
      files.sync(file);
    });
    try {
      files.link(draft, path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      // A file system without links.
      withFile(files, path, 'create', write);
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    removeQuietly(files, draft);
  }
}

export function whyNot(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    // Anything else than an error of the system is a bug.
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    return explainFileError(error)?.message ?? error.message;
  }
}

/** Renames over a file, or a folder, that another program may be holding for a moment. */
export function renameHeld(files: Pick<Files, 'rename' | 'pause'>, from: string, to: string): void {
  for (const waitMs of waitsMs) {
    try {
      files.rename(from, to);
      return;
    } catch (error) {
      if (!heldCodes.has(codeOf(error))) throw error;
      files.pause(waitMs);
    }
  }
  files.rename(from, to);
}

/** Not every system can sync a folder (Windows), nor every file system (some network ones). */
const cannotSyncCodes: ReadonlySet<unknown> = new Set(['EPERM', 'EACCES', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EBADF']);

/** Makes sure that new names in a folder survive a power cut. */
export function syncFolder(files: Files, folder: string): void {
  try {
    withFile(files, folder, 'read', (file) => files.sync(file));
  } catch (error) {
    if (!cannotSyncCodes.has(codeOf(error))) throw error;
  }
}

export function removeQuietly(files: Files, path: string): void {
  try {
    files.remove(path);
  } catch {
    // It is in nobody's way.
  }
}
