import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeJson, encodeJson } from '../../core/json.ts';
import { copyStorable } from '../../core/storable.ts';
import { surely } from '../../core/sure-error.ts';
import type { Checkpoint } from '../../experiment.ts';
import { checksum } from '../checksum.ts';
import { type Files, systemFiles } from '../files.ts';
import { renameHeld } from '../replace-file.ts';
import { checkpointDraftPath } from '../run-folder.ts';
import { syncFolder } from '../sync-folder.ts';

/** A state larger than this belongs into a file of the job's own. */
const checkpointBytesMax = 64 * 1024 ** 2;

/** First line of the file; CRC-32 of the rest in hex. */
const firstLine = (text: string): string => `job-splitter checkpoint 1 ${checksum(text).toString(16)}`;

interface CheckpointOptions {
  readonly bytesMax?: number;
  /** Renames, and waits between tries. */
  readonly files?: Pick<Files, 'rename' | 'pause'>;
}

/**
 * Keeps a job's state in one file, replaced as a whole. `load` finds what the last finished `save` wrote; a file that is
 * not whole (it cannot be torn, but disks fail) is told to `warn` and counts as none.
 */
export function openCheckpoint(
  path: string,
  warn: (message: string) => void,
  { bytesMax = checkpointBytesMax, files = systemFiles }: CheckpointOptions = {},
): Checkpoint {
  return { save: (state) => save(path, spell(state, bytesMax), files), load: () => load(path, warn) };
}

function spell(state: unknown, bytesMax: number): string {
  const copied = copyStorable(state, 'state', bytesMax);
  if (!copied.ok && !copied.isTooLarge) {
    throw surely(new TypeError(`checkpoint.save: ${copied.path} is ${copied.what}; only JSON values can be kept`));
  }
  const text = copied.ok ? encodeJson(copied.value) : '';
  if (!copied.ok || Buffer.byteLength(text) > bytesMax) {
    const most = `${bytesMax} bytes (${bytesMax / 1024 ** 2} MiB)`;
    const way = 'keep large data in a file of your own';
    throw new RangeError(`checkpoint.save: the state is larger than ${most}; ${way}`);
  }
  return text;
}

function save(path: string, text: string, files: Pick<Files, 'rename' | 'pause'>): void {
  const folder = dirname(path);
  const draft = checkpointDraftPath(path);
  if (mkdirSync(folder, { recursive: true }) !== undefined) syncFolder(dirname(folder));
  try {
    const file = openSync(draft, 'w');
    try {
      writeFileSync(file, `${firstLine(text)}\n${text}`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameHeld(files, draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(folder);
}

function load(path: string, warn: (message: string) => void): unknown {
  let whole: string;
  try {
    whole = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const end = whole.indexOf('\n');
  const text = whole.slice(end + 1);
  if (end > 0 && whole.slice(0, end) === firstLine(text)) return decodeJson(text);
  warn(`the checkpoint ${path} is damaged; the job starts from its beginning`);
  return undefined;
}
