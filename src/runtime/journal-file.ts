import { dirname } from 'node:path';
import type { Piece } from '../core/journal/line.ts';
import { codeOf, type Files, systemFiles, writeAll } from './files.ts';
import { JournalWatch } from './journal-watch.ts';
import type { FlushResult, JournalSink } from './ports.ts';
import { syncFolder } from './replace-file.ts';

/** Errors that pass when space is made or another program lets go: waited for without end. */
const passingCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EAGAIN', 'EBUSY', 'EINTR']);
/** Errors of a network drive that is out of reach, or of a broken disk: waited for this many tries in a row. */
const doubtfulCodes: ReadonlySet<unknown> = new Set(['EIO', 'ETIMEDOUT', 'ESTALE', 'EHOSTDOWN', 'ENETDOWN']);
const doubtfulTriesMax = 30;
/** So little has the system taken before another thread would have been woken. */
const writeAtOnceBytes = 64 * 1024;

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

  flush(text: readonly Piece[], positionBytes: number, done: (result: FlushResult) => void): void {
    const why = this.#guard() ?? this.#watch.whyLost(this.#syncedBytes);
    if (why !== undefined) queueMicrotask(() => done({ ok: false, why, mayPass: false }));
    else this.#write(joinPieces(text), positionBytes, done);
  }

  #write(data: Buffer, positionBytes: number, done: (result: FlushResult) => void): void {
    if (data.length <= writeAtOnceBytes) this.#writeAtOnce(data, positionBytes, done);
    else this.#writeLater(data, 0, positionBytes, done);
  }

  #writeAtOnce(data: Buffer, positionBytes: number, done: (result: FlushResult) => void): void {
    try {
      writeAll(this.#files, this.#file, data, positionBytes);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      const result = this.#describe(error as NodeJS.ErrnoException);
      queueMicrotask(() => done(result));
      return;
    }
    this.#sync(data.length, positionBytes, done);
  }

  #writeLater(data: Buffer, from: number, positionBytes: number, done: (result: FlushResult) => void): void {
    this.#files.writeLater(this.#file, data.subarray(from), positionBytes + from, (error, written) => {
      if (error !== null) done(this.#describe(error));
      else if (from + written < data.length) this.#writeLater(data, from + written, positionBytes, done);
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

function joinPieces(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
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
