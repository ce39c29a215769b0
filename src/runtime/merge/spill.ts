import { jobIndex } from '../../core/ids.ts';
import type { Candidate } from '../../core/merge/candidate.ts';
import { type Files, writeAll } from '../files.ts';

/** So much of a merge is in memory at once, about. */
const windowBytesUsual = 32 * 1024 ** 2;
const windowsMax = 1_024;
/** What is gathered for each window before it is written. */
const pageBytesUsual = 64 * 1024;
/** What a candidate takes beside its texts. */
const headBytes = 56;

interface Page {
  readonly positionBytes: number;
  readonly bytes: number;
}

interface Window {
  readonly pages: Page[];
  buffer: Buffer;
  filled: number;
  records: number;
}

/**
 * Outcomes that come in the order of journals and are wanted in the order of the pool: put aside in windows of the pool, in
 * one file that is only ever appended to, and read back a window at a time. So nothing but a window is in memory,
 * and the disk is read and written in order. What fits into the pages needs no file.
 */
export class Spill {
  readonly #files: Files;
  readonly #path: string;
  readonly #jobsPerWindow: number;
  readonly #jobs: number;
  readonly #windows: Window[];
  readonly #pageBytes: number;
  #file: number | undefined;
  #written = 0;

  /** `path`: made where it is needed, and left behind. `expectedBytes`: of all that will be added, about. */
  constructor(path: string, files: Files, jobs: number, expectedBytes: number, windowBytes: number = windowBytesUsual) {
    this.#files = files;
    this.#path = path;
    this.#jobs = jobs;
    this.#pageBytes = Math.min(pageBytesUsual, windowBytes);
    const windows = Math.min(windowsMax, Math.max(1, Math.ceil(expectedBytes / windowBytes)), Math.max(1, jobs));
    this.#jobsPerWindow = Math.max(1, Math.ceil(jobs / windows));
    this.#windows = Array.from({ length: Math.ceil(jobs / this.#jobsPerWindow) }, () => ({
      pages: [],
      buffer: Buffer.alloc(0),
      filled: 0,
      records: 0,
    }));
  }

  get windows(): number {
    return this.#windows.length;
  }

  add(candidate: Candidate): void {
    const { json, filesJson } = candidate;
    const window = this.#windows[Math.floor(candidate.job / this.#jobsPerWindow)];
    if (window === undefined) throw new Error(`Internal error: job ${candidate.job} of ${this.#jobs}`);
    // A character takes at most three bytes.
    this.#reserve(window, headBytes + 3 * (json.length + filesJson.length));
    const { buffer, filled: at } = window;
    const jsonBytes = buffer.write(json, at + headBytes);
    const filesBytes = filesJson === '' ? 0 : buffer.write(filesJson, at + headBytes + jsonBytes);
    buffer.writeUInt32LE(candidate.job, at);
    buffer.writeUInt32LE(candidate.jobThen, at + 4);
    buffer.writeUInt32LE(candidate.origin, at + 8);
    buffer.writeUInt32LE(candidate.attempt, at + 12);
    buffer.writeUInt32LE(candidate.worker, at + 16);
    buffer.writeUInt32LE(candidate.status === 'succeeded' ? 1 : 0, at + 20);
    buffer.writeDoubleLE(candidate.startedAtMs, at + 24);
    buffer.writeDoubleLE(candidate.endedAtMs, at + 32);
    buffer.writeDoubleLE(candidate.runMicros, at + 40);
    buffer.writeUInt32LE(jsonBytes, at + 48);
    buffer.writeUInt32LE(filesBytes, at + 52);
    window.filled = at + headBytes + jsonBytes + filesBytes;
    window.records++;
  }

  /** Every job of a window, ascending, with all that was said of it in the order in which it was added. */
  *read(number: number): Generator<readonly [job: number, candidates: readonly Candidate[]]> {
    const window = this.#windows[number];
    if (window === undefined) return;
    const from = number * this.#jobsPerWindow;
    const to = Math.min(this.#jobs, from + this.#jobsPerWindow);
    const data = this.#load(window);
    const chains = chainRecords(data, window.records, from, to);
    for (let job = from; job < to; job++) {
      const candidates: Candidate[] = [];
      for (let record = chains.first[job - from] ?? -1; record >= 0; record = chains.next[record] ?? -1) {
        candidates.push(decode(data, chains.places[record] ?? 0));
      }
      yield [job, candidates];
    }
  }

  close(): void {
    if (this.#file !== undefined) this.#files.close(this.#file);
    this.#file = undefined;
  }

  #reserve(window: Window, bytes: number): void {
    if (window.filled + bytes <= window.buffer.length) return;
    if (window.filled > 0) this.#writePage(window);
    if (window.buffer.length < Math.max(this.#pageBytes, bytes))
      window.buffer = Buffer.allocUnsafe(Math.max(this.#pageBytes, bytes));
  }

  #writePage(window: Window): void {
    this.#file ??= this.#files.open(this.#path, 'create');
    writeAll(this.#files, this.#file, window.buffer.subarray(0, window.filled), this.#written);
    window.pages.push({ positionBytes: this.#written, bytes: window.filled });
    this.#written += window.filled;
    window.filled = 0;
    // One huge result must not keep its memory for ever.
    if (window.buffer.length > this.#pageBytes) window.buffer = Buffer.alloc(0);
  }

  /** A window's records one behind the other; the window is empty afterwards. */
  #load(window: Window): Buffer {
    const bytes = window.pages.reduce((sum, page) => sum + page.bytes, window.filled);
    const data = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const page of window.pages) {
      for (const end = at + page.bytes, base = page.positionBytes - at; at < end; ) {
        const got = this.#files.read(this.#file ?? -1, data.subarray(at, end), base + at);
        if (got === 0) throw new Error(`${this.#path} was cut while it was used`);
        at += got;
      }
    }
    window.buffer.copy(data, at, 0, window.filled);
    window.buffer = Buffer.alloc(0);
    return data;
  }
}

interface Chains {
  /** Where each record begins. */
  readonly places: Float64Array;
  /** For each job its first record; below 0: none. */
  readonly first: Int32Array;
  /** For each record the next of the same job. */
  readonly next: Int32Array;
}

function chainRecords(data: Buffer, records: number, from: number, to: number): Chains {
  const places = new Float64Array(records);
  const next = new Int32Array(records).fill(-1);
  const [first, last] = [new Int32Array(to - from).fill(-1), new Int32Array(to - from).fill(-1)];
  for (let at = 0, record = 0; record < records; record++) {
    places[record] = at;
    const place = data.readUInt32LE(at) - from;
    const before = last[place] ?? -1;
    if (before < 0) first[place] = record;
    else next[before] = record;
    last[place] = record;
    at += headBytes + data.readUInt32LE(at + 48) + data.readUInt32LE(at + 52);
  }
  return { places, first, next };
}

function decode(data: Buffer, at: number): Candidate {
  const json = at + headBytes;
  const files = json + data.readUInt32LE(at + 48);
  const end = files + data.readUInt32LE(at + 52);
  return {
    job: jobIndex(data.readUInt32LE(at)),
    jobThen: data.readUInt32LE(at + 4),
    origin: data.readUInt32LE(at + 8),
    attempt: data.readUInt32LE(at + 12),
    worker: data.readUInt32LE(at + 16),
    status: data.readUInt32LE(at + 20) === 1 ? 'succeeded' : 'failed',
    startedAtMs: data.readDoubleLE(at + 24),
    endedAtMs: data.readDoubleLE(at + 32),
    runMicros: data.readDoubleLE(at + 40),
    json: data.toString('utf8', json, files),
    filesJson: end === files ? '' : data.toString('utf8', files, end),
  };
}
