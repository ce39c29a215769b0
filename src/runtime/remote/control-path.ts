import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket's address has 104 bytes on some systems, of which ssh needs some for a moment's name. */
const bytesMax = 80;
let folder: string | undefined;
let count = 0;

/** Where a connection's socket may lie, in a folder that only this user can look into; `undefined`: no path is short enough. */
export function newControlPath(): string | undefined {
  folder ??= makeFolder();
  const path = join(folder, String(++count));
  return Buffer.byteLength(path) <= bytesMax ? path : undefined;
}

function makeFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'js-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}
