import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../files.ts';
import type { AssetList } from './asset-list.ts';
import { isOurs, othersMayWrite } from './private-folder.ts';

/** Whether a folder holds these files, all of them and nothing else, and nobody but this user could have changed them. */
export function holdsUnpacked(folder: string, { files }: AssetList): boolean {
  try {
    const left = new Map(files.map((file) => [file.path, file]));
    const open = [''];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const found = lstatSync(join(folder, path));
      if (!isOurs(found) || (process.platform !== 'win32' && (found.mode & othersMayWrite) !== 0)) return false;
      if (found.isDirectory()) {
        for (const name of readdirSync(join(folder, path))) open.push(path === '' ? name : `${path}/${name}`);
        continue;
      }
      const file = left.get(path);
      if (file === undefined || !found.isFile() || found.size !== file.bytes) return false;
      if (hashFile(join(folder, path)) !== file.sha256) return false;
      left.delete(path);
    }
    return left.size === 0;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}

/** Files may be larger than what memory should hold. */
const chunkBytes = 1 << 20;

function hashFile(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
