import { dirname } from 'node:path';
import { JournalFold } from '../core/journal/fold.ts';
import { checksum } from './checksum.ts';
import { codeOf, type Files, systemFiles, writeAll } from './files.ts';
import { JournalWatch } from './journal-watch.ts';
import type { FlushResult, JournalSink } from './ports.ts';
import { syncFolder } from './replace-file.ts';

export interface JournalReading {
  readonly fold: JournalFold;
  /** Where the last whole line ends; what follows is a torn piece of a line that never counted. */
  readonly bytes: number;
  readonly tornBytes: number;
  /** Why the file must not be taken for a journal, and not be written to. */
  readonly unusable: string | undefined;
}

/** A journal that is there and cannot be read. */
export class UnusableJournal extends Error {
  readonly code = 'UNUSABLE_JOURNAL';
}

/** The fold of a journal that must be readable: this run has written it. */
export function foldOfJournal(path: string, files: Files, untilBytes: number = Number.POSITIVE_INFINITY): JournalFold {
  const { fold, unusable } = readJournalNow(path, files, untilBytes);
  if (unusable !== undefined) throw new UnusableJournal(`${path} ${unusable}`);
  return fold;
}

const chunkBytes = 1 << 20;
/** How every journal begins, whatever its version. */
const beginning = Buffer.from('{"crc":"');

/** Reads a journal line by line; one that does not exist is empty. */
export async function readJournal(path: string, files: Files = systemFiles): Promise<JournalReading> {
  return readJournalNow(path, files, Number.POSITIVE_INFINITY);
}

/** Up to `untilBytes`. */
export function readJournalNow(path: string, files: Files, untilBytes: number): JournalReading {
  const fold = new JournalFold(checksum);
  let file: number;
  try {
    file = files.open(path, 'read');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { fold, bytes: 0, tornBytes: 0, unusable: undefined };
    return unusable(fold, error);
  }
  try {
    return readLines(files, file, fold, untilBytes);
  } catch (error) {
    return unusable(fold, error);
  } finally {
    files.close(file);
  }
}

function unusable(fold: JournalFold, error: unknown): JournalReading {
  if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
  return { fold, bytes: 0, tornBytes: 0, unusable: `cannot be read: ${error.message}` };
}

function readLines(files: Files, file: number, fold: JournalFold, untilBytes: number): JournalReading {
  const buffer = Buffer.alloc(chunkBytes);
  let [bytes, position] = [0, 0];
  let rest: Buffer[] = [];
  while (position < untilBytes) {
    const into = buffer.subarray(0, Math.min(chunkBytes, untilBytes - position));
    const chunk = into.subarray(0, files.read(file, into, position));
    if (chunk.length === 0) break;
    if (position === 0 && !beginsLikeJournal(chunk)) {
      return { fold, bytes: 0, tornBytes: 0, unusable: 'is not a journal of this program' };
    }
    position += chunk.length;
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)]);
      rest = [];
      fold.add(line.toString('utf8'));
      bytes += line.length + 1;
      from = end + 1;
    }
    if (from < chunk.length) rest.push(Buffer.from(chunk.subarray(from)));
  }
  return { fold, bytes, tornBytes: position - bytes, unusable: bytes > 0 ? whyNoHeader(fold) : undefined };
}

/** A power cut right after the file was made may leave zeros, or a piece of the first line. */
function beginsLikeJournal(chunk: Buffer): boolean {
  const start = chunk.subarray(0, beginning.length);
  return start.equals(beginning.subarray(0, start.length)) || chunk.every((byte) => byte === 0);
}

function whyNoHeader({ header, problems }: JournalFold): string | undefined {
  if (header !== undefined) return undefined;
  const { line, problem } = problems[0] ?? { line: 1, problem: 'no header' };
  return `line ${line}: ${problem}; without its first line nobody knows which experiment it belongs to`;
}

/** Errors that pass when space is made or another program lets go: waited for without end. */
const passingCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EAGAIN', 'EBUSY', 'EINTR']);
/** Errors of a network drive that is out of reach, or of a broken disk: waited for this many tries in a row. */
const doubtfulCodes: ReadonlySet<unknown> = new Set(['EIO', 'ETIMEDOUT', 'ESTALE', 'EHOSTDOWN', 'ENETDOWN']);
const doubtfulTriesMax = 30;

/** Says why this process may not write any more; `undefined` while it may. `isUrgent`: looks again in any case. */
export type WriteGuard = (isUrgent?: boolean) => string | undefined;

/** The one writer of a journal. */
export class JournalFile implements JournalSink {
  readonly #files: Files;
  readonly #guard: WriteGuard;
  readonly #file: number;
  readonly #watch: JournalWatch;
  #doubtfulTries = 0;
  #syncedBytes: number;

  /** Opens the file and cuts off what lies behind `bytes`. Throws where that is not allowed. */
  constructor(path: string, bytes: number, files: Files = systemFiles, guard: WriteGuard = () => undefined) {
    this.#files = files;
    this.#guard = guard;
    this.#syncedBytes = bytes;
    this.#file = openJournal(path, files);
    this.#watch = new JournalWatch(path, this.#file, files, () => guard(true));
    try {
      if (files.sizeBytes(this.#file) > bytes) files.truncate(this.#file, bytes);
      if (bytes > 0) secureTail(files, this.#file, bytes);
    } catch (error) {
      files.close(this.#file);
      throw error;
    }
  }

  /** How far the file is surely on the disk; everything up to here was told. */
  get syncedBytes(): number {
    return this.#syncedBytes;
  }

  /** Where it can be read: another place only when the file was taken away. */
  get path(): string {
    return this.#watch.path;
  }

  flush(text: string, positionBytes: number, done: (result: FlushResult) => void): void {
    const why = this.#guard() ?? this.#watch.whyLost(this.#syncedBytes);
    if (why !== undefined) queueMicrotask(() => done({ ok: false, why, mayPass: false }));
    else this.#writeFrom(Buffer.from(text), 0, positionBytes, done);
  }

  #writeFrom(data: Buffer, from: number, positionBytes: number, done: (result: FlushResult) => void): void {
    this.#files.writeLater(this.#file, data.subarray(from), positionBytes + from, (error, written) => {
      if (error !== null) done(this.#describe(error));
      else if (from + written < data.length) this.#writeFrom(data, from + written, positionBytes, done);
      else this.#sync(data.length, positionBytes, done);
    });
  }

  #sync(bytes: number, positionBytes: number, done: (result: FlushResult) => void): void {
    this.#files.syncLater(this.#file, (error) => {
      if (error !== null) {
        done(this.#describe(error));
        return;
      }
      this.#doubtfulTries = 0;
      this.#syncedBytes = positionBytes + bytes;
      done({ ok: true, bytes });
    });
  }

  #describe(error: NodeJS.ErrnoException): FlushResult {
    const mayPass =
      passingCodes.has(error.code) || (doubtfulCodes.has(error.code) && ++this.#doubtfulTries < doubtfulTriesMax);
    return { ok: false, why: error.message, mayPass };
  }

  /** Says where what was written did not stay; everything that counts is synced already. */
  async close(): Promise<string | undefined> {
    const why = this.#guard() === undefined ? this.#watch.whyLostAtLast(this.#syncedBytes) : undefined;
    try {
      this.#files.close(this.#file);
    } catch {
      return why;
    }
    return why;
  }
}

/** More than one flush writes. */
const tailBytesMax = 8 * 1024 ** 2;

/**
 * What a killed session wrote but did not sync was read and counts from now on, so it must be on the disk: its last
 * stretch is written anew (after a sync that failed the system may have dropped its pages) and synced.
 */
function secureTail(files: Files, file: number, bytes: number): void {
  const tail = Buffer.alloc(Math.min(bytes, tailBytesMax));
  const from = bytes - tail.length;
  let length = 0;
  for (let got = -1; got !== 0 && length < tail.length; length += got) {
    got = files.read(file, tail.subarray(length), from + length);
  }
  writeAll(files, file, tail.subarray(0, length), from);
  files.sync(file);
}

function openJournal(path: string, files: Files): number {
  try {
    return files.open(path, 'update');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const file = files.open(path, 'create');
  try {
    // A new name must survive a power cut as well as what stands in the file.
    syncFolder(files, dirname(path));
  } catch (error) {
    files.close(file);
    throw error;
  }
  return file;
}
