import { close, createReadStream, existsSync, fdatasync, fstatSync, ftruncateSync, openSync, write } from 'node:fs';
import { JournalFold } from '../core/journal/fold.ts';
import { checksum } from './checksum.ts';
import type { FlushResult, JournalSink } from './ports.ts';

export interface JournalReading {
  readonly fold: JournalFold;
  /** Where the last whole line ends; what follows is a torn piece of a line that never counted. */
  readonly bytes: number;
  readonly tornBytes: number;
}

/** Reads a journal line by line; one that does not exist is empty. */
export async function readJournal(path: string): Promise<JournalReading> {
  const fold = new JournalFold(checksum);
  if (!existsSync(path)) return { fold, bytes: 0, tornBytes: 0 };
  let bytes = 0;
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)]);
      rest = [];
      fold.add(line.toString('utf8'));
      bytes += line.length + 1;
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  return { fold, bytes, tornBytes: rest.reduce((sum, { length }) => sum + length, 0) };
}

/** Errors that can get better while the run waits: space is made, a network drive comes back. */
const passing: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EAGAIN', 'EBUSY', 'EIO', 'ETIMEDOUT', 'ESTALE']);

/** The one writer of a journal. */
export class JournalFile implements JournalSink {
  readonly #file: number;

  /** Opens the file and cuts off what lies behind `bytes`. Throws where that is not allowed. */
  constructor(path: string, bytes: number) {
    this.#file = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o644);
    if (fstatSync(this.#file).size > bytes) ftruncateSync(this.#file, bytes);
  }

  flush(text: string, positionBytes: number, done: (result: FlushResult) => void): void {
    this.#writeFrom(Buffer.from(text), 0, positionBytes, done);
  }

  #writeFrom(data: Buffer, from: number, positionBytes: number, done: (result: FlushResult) => void): void {
    write(this.#file, data, from, data.length - from, positionBytes + from, (error, written) => {
      if (error !== null) done(describe(error));
      else if (from + written < data.length) this.#writeFrom(data, from + written, positionBytes, done);
      else
        fdatasync(this.#file, (problem) =>
          done(problem === null ? { ok: true, bytes: data.length } : describe(problem)),
        );
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => close(this.#file, () => resolve()));
  }
}

function describe(error: NodeJS.ErrnoException): FlushResult {
  return { ok: false, why: error.message, mayPass: passing.has(error.code) };
}
