import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Brings the names in a folder to the disk. Does nothing where the system has no such thing (Windows, some network drives). */
export function syncFolder(path: string): void {
  let folder: number | undefined;
  try {
    folder = openSync(path, 'r');
    fsyncSync(folder);
  } catch {
    // The files themselves are synced; this is the best that can be done here.
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}
