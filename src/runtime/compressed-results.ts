import { createReadStream, createWriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip, createGzip } from 'node:zlib';
import type { SettledPart } from '../core/journal/settled.ts';
import { draftOf } from './draft.ts';
import { codeOf, type Files, withFile } from './files.ts';
import { removeQuietly, renameHeld, syncFolder } from './replace-file.ts';
import type { ResultsLayout } from './results-file.ts';
import { ResultsText } from './results-text.ts';

/** What takes the place of `results.csv` when all is done, where that is wished. */
export const compressedPath = (path: string): string => `${path}.gz`;

/**
 * Replaces a file by its gzipped twin, which is whole and on the disk before the file is removed. Says what is wrong
 * instead of throwing; the file is then still there.
 */
export async function compressFile(path: string, files: Files): Promise<string | undefined> {
  const [compressed, draft] = [compressedPath(path), draftOf(compressedPath(path))];
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(draft));
    withFile(files, draft, 'update', (file) => files.sync(file));
    renameHeld(files, draft, compressed);
    syncFolder(files, dirname(path));
    files.remove(path);
    return undefined;
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    removeQuietly(files, draft);
    return `${path} could not be compressed: ${error.message}`;
  }
}

/** Whether the compressed file holds exactly what these parts give. Only looks. */
export async function holdsCompressed(
  layout: Omit<ResultsLayout, 'onTrouble'>,
  parts: Iterable<SettledPart>,
): Promise<boolean> {
  const found = await sumOf(compressedPath(layout.path));
  if (found === undefined) return false;
  const expected = { bytes: 0, crc: 0 };
  for (const piece of new ResultsText(layout).pieces(parts)) {
    add(expected, piece.spell());
    if (expected.bytes > found.bytes) return false;
  }
  return expected.bytes === found.bytes && expected.crc === found.crc;
}

interface Sum {
  bytes: number;
  crc: number;
}

function add(sum: Sum, data: Uint8Array): void {
  sum.bytes += data.length;
  sum.crc = crc32(data, sum.crc);
}

/** Of what was compressed; `undefined` where the file is not there or damaged. */
async function sumOf(path: string): Promise<Sum | undefined> {
  const sum = { bytes: 0, crc: 0 };
  try {
    await pipeline(createReadStream(path), createGunzip(), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) add(sum, chunk);
    });
    return sum;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
