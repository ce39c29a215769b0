import { jobIndex } from '../../core/ids.ts';
import type { Candidate } from '../../core/merge/candidate.ts';
import { type Files, writeAll } from '../files.ts';

/** So much of a merge is in memory at once, about. */
const windowBytesUsual = 8 * 1024 ** 2;
const windowsMax = 1_024;
/** What is gathered for each window before it is written. */
const pageBytesUsual = 64 * 1024;
/*
 * A record: 14 numbers of 4 bytes (job, job then, origin, attempt, worker, succeeded, three times of 8 bytes each, length
 * of json, length of filesJson), then both texts, up to a multiple of 8. Only this process reads it: numbers are spelt as
 * the processor does.
 */
const headBytes = 56;
const [jsonAt, filesAt] = [12, 13];
const recordBytes = (texts: number): number => (headBytes + texts + 7) & ~7;

/** Bytes, and the same as numbers. */
interface Room {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
}

function makeRoom(bytes: number): Room {
  const memory = new ArrayBuffer((bytes + 7) & ~7);
  return { bytes: Buffer.from(memory), words: new Uint32Array(memory), doubles: new Float64Array(memory) };
}

const noRoom = makeRoom(0);

interface Page {
  readonly positionBytes: number;
  readonly bytes: number;
}

interface Window {
  readonly pages: Page[];
  room: Room;
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
      room: noRoom,
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
    this.#reserve(window, recordBytes(3 * (json.length + filesJson.length)));
    const { room, filled: at } = window;
    const { bytes, words, doubles } = room;
    const jsonBytes = bytes.write(json, at + headBytes);
    const filesBytes = filesJson === '' ? 0 : bytes.write(filesJson, at + headBytes + jsonBytes);
    const word = at >>> 2;
    words[word] = candidate.job;
    words[word + 1] = candidate.jobThen;
    words[word + 2] = candidate.origin;
    words[word + 3] = candidate.attempt;
    words[word + 4] = candidate.worker;
    words[word + 5] = candidate.status === 'succeeded' ? 1 : 0;
    doubles[(word >>> 1) + 3] = candidate.startedAtMs;
    doubles[(word >>> 1) + 4] = candidate.endedAtMs;
    doubles[(word >>> 1) + 5] = candidate.runMicros;
    words[word + jsonAt] = jsonBytes;
    words[word + filesAt] = filesBytes;
    window.filled = at + recordBytes(jsonBytes + filesBytes);
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
    if (window.filled + bytes <= window.room.bytes.length) return;
    if (window.filled > 0) this.#writePage(window);
    const wanted = Math.max(this.#pageBytes, bytes);
    if (window.room.bytes.length < wanted) window.room = makeRoom(wanted);
  }

  #writePage(window: Window): void {
    this.#file ??= this.#files.open(this.#path, 'create');
    writeAll(this.#files, this.#file, window.room.bytes.subarray(0, window.filled), this.#written);
    window.pages.push({ positionBytes: this.#written, bytes: window.filled });
    this.#written += window.filled;
    window.filled = 0;
    // One huge result must not keep its memory for ever.
    if (window.room.bytes.length > this.#pageBytes) window.room = noRoom;
  }

  /** A window's records one behind the other; the window is empty afterwards. */
  #load(window: Window): Room {
    const bytes = window.pages.reduce((sum, page) => sum + page.bytes, window.filled);
    const room = makeRoom(bytes);
    const data = room.bytes;
    let at = 0;
    for (const page of window.pages) {
      for (const end = at + page.bytes, base = page.positionBytes - at; at < end; ) {
        const got = this.#files.read(this.#file ?? -1, data.subarray(at, end), base + at);
        if (got === 0) throw new Error(`${this.#path} was cut while it was used`);
        at += got;
      }
    }
    window.room.bytes.copy(data, at, 0, window.filled);
    window.room = noRoom;
    return room;
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

function chainRecords({ words }: Room, records: number, from: number, to: number): Chains {
  const places = new Float64Array(records);
  const next = new Int32Array(records).fill(-1);
  const [first, last] = [new Int32Array(to - from).fill(-1), new Int32Array(to - from).fill(-1)];
  for (let at = 0, record = 0; record < records; record++) {
    places[record] = at;
    const word = at / 4;
    const place = (words[word] ?? 0) - from;
    const before = last[place] ?? -1;
    if (before < 0) first[place] = record;
    else next[before] = record;
    last[place] = record;
    at += recordBytes((words[word + jsonAt] ?? 0) + (words[word + filesAt] ?? 0));
  }
  return { places, first, next };
}

function decode({ bytes, words, doubles }: Room, at: number): Candidate {
  const word = at / 4;
  const json = at + headBytes;
  const files = json + (words[word + jsonAt] ?? 0);
  const end = files + (words[word + filesAt] ?? 0);
  return {
    job: jobIndex(words[word] ?? 0),
    jobThen: words[word + 1] ?? 0,
    origin: words[word + 2] ?? 0,
    attempt: words[word + 3] ?? 0,
    worker: words[word + 4] ?? 0,
    status: words[word + 5] === 1 ? 'succeeded' : 'failed',
    startedAtMs: doubles[word / 2 + 3] ?? 0,
    endedAtMs: doubles[word / 2 + 4] ?? 0,
    runMicros: doubles[word / 2 + 5] ?? 0,
    json: bytes.toString('utf8', json, files),
    filesJson: end === files ? '' : bytes.toString('utf8', files, end),
  };
}
