import { createReadStream, createWriteStream, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import { codeOf, systemFiles, withFile, writeAll } from '../files.ts';
import { journalPath, proofPath } from '../run-folder.ts';

/** A journal that can be read. */
export interface FoundJournal {
  /** As it was given. */
  readonly name: string;
  /** The file to read: the journal itself, or what it was unpacked to. */
  readonly path: string;
  /** Where `files/` and `logs/` lie. */
  readonly folder: string;
  /** The compressed file ends too early: what it holds until there counts. */
  readonly isCut: boolean;
}

export type JournalSearch =
  | { readonly kind: 'found'; readonly journal: FoundJournal }
  /** Nothing to merge, and nothing wrong. */
  | { readonly kind: 'passed-over'; readonly why: string }
  | { readonly kind: 'missing'; readonly why: string };

/** Looks for the journal of what was given: a run folder, a journal, or a gzipped one, which is unpacked to `unpackTo`. */
export async function findJournal(given: string, unpackTo: string): Promise<JournalSearch> {
  if (!existsSync(given)) return { kind: 'missing', why: 'there is no such file or folder' };
  if (!statSync(given).isDirectory()) {
    if (isOtherFile(given)) return { kind: 'passed-over', why: 'it is no run folder and no journal' };
    return openFile(given, given, unpackTo);
  }
  for (const path of [journalPath(given), `${journalPath(given)}.gz`]) {
    if (existsSync(path)) return openFile(given, path, unpackTo);
  }
  if (existsSync(proofPath(given))) return { kind: 'passed-over', why: 'merge wrote it; it holds no journal' };
  return { kind: 'missing', why: `holds no ${basename(journalPath(given))}` };
}

async function openFile(name: string, path: string, unpackTo: string): Promise<JournalSearch> {
  const folder = dirname(path);
  if (!isGzip(path)) return { kind: 'found', journal: { name, path, folder, isCut: false } };
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(unpackTo, { flags: 'wx' }));
    return { kind: 'found', journal: { name, path: unpackTo, folder, isCut: false } };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    // A disk that is full, say, is another thing than a file that is damaged.
    if (!code.startsWith('Z_')) throw error;
    await unpackUntilDamage(path, unpackTo);
    return { kind: 'found', journal: { name, path: unpackTo, folder, isCut: true } };
  }
}

const pieceBytes = 16_384;

/**
 * All that comes before the damage. A stream that fails throws away what it has not handed on yet, so a cut must be no
 * failure, and each piece is in the file before the next one is unpacked.
 */
async function unpackUntilDamage(path: string, to: string): Promise<void> {
  await withOpenFile(to, async (file) => {
    let bytes = 0;
    const write = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        writeAll(systemFiles, file, chunk, bytes);
        bytes += chunk.length;
        done();
      },
    });
    const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    try {
      await pipeline(createReadStream(path, { highWaterMark: pieceBytes }), gunzip, write);
    } catch (error) {
      if (codeOf(error)?.startsWith('Z_') !== true) throw error;
    }
  });
}

async function withOpenFile(path: string, use: (file: number) => Promise<void>): Promise<void> {
  const file = systemFiles.open(path, 'replace');
  try {
    await use(file);
  } finally {
    systemFiles.close(file);
  }
}

function isGzip(path: string): boolean {
  const [first, second] = firstBytes(path, 2);
  return first === 0x1f && second === 0x8b;
}

/** `my_experiment.*` also means the page of `report`, scripts for Slurm, …: every line of a journal begins with a brace. */
function isOtherFile(path: string): boolean {
  const [first] = firstBytes(path, 1);
  return first !== undefined && first !== '{'.charCodeAt(0) && !isGzip(path);
}

function firstBytes(path: string, count: number): Uint8Array {
  return withFile(systemFiles, path, 'read', (file) => {
    const start = Buffer.alloc(count);
    return start.subarray(0, systemFiles.read(file, start, 0));
  });
}

/** What tells a file from all others, whatever path was given. */
export function trueNameOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
