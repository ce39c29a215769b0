import { createHash } from 'node:crypto';
import { constants, copyFileSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { whyNoFileName } from '../../core/file-name.ts';
import type { JobFile } from '../../core/outcome.ts';
import { codeOf, systemFiles, withFile } from '../files.ts';

/** A folder that may hold a job's files. */
export interface FilesPlace {
  /** As people are told. */
  readonly name: string;
  readonly folder: string;
}

/**
 * Copies the files of one job into `target`, each from the first place where it is as the journal says. Returns what is wrong
 * with those that are nowhere. Nothing is written outside `target`, whatever a file is called.
 */
export function gatherFiles(
  files: readonly JobFile[],
  places: readonly FilesPlace[],
  target: string,
): readonly string[] {
  return files.flatMap((file) => {
    const why = whyBadName(file.name);
    if (why !== undefined) return [`a file is called ${JSON.stringify(file.name.slice(0, 100))}: ${why}`];
    const reasons: string[] = [];
    for (const { name, folder } of places) {
      const problem = copyVerified(join(folder, ...file.name.split('/')), join(target, ...file.name.split('/')), file);
      if (problem === undefined) return [];
      reasons.push(`${file.name} ${problem} in ${name}`);
    }
    return [reasons.join('; ')];
  });
}

function whyBadName(name: string): string | undefined {
  const parts = name.split('/');
  return parts.map(whyNoFileName).find((why) => why !== undefined);
}

/** Says what is wrong; a copy is left only where nothing is. */
function copyVerified(from: string, to: string, { bytes, sha256 }: JobFile): string | undefined {
  try {
    const found = lstatSync(from);
    if (!found.isFile()) return 'is no file';
    if (found.size !== bytes) return `has ${found.size} bytes, not the ${bytes} that the journal says,`;
    mkdirSync(dirname(to), { recursive: true });
    // Where the file system can, both share their blocks.
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return 'is missing';
    throw error;
  }
  if (hashFile(to) === sha256) return undefined;
  systemFiles.remove(to);
  return 'has another content than the journal says (SHA-256)';
}

function hashFile(path: string): string {
  return withFile(systemFiles, path, 'read', (file) => {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(1 << 20);
    for (let at = 0; ; ) {
      const read = systemFiles.read(file, chunk, at);
      if (read === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, read));
      at += read;
    }
  });
}
