import { attemptNumber, jobIndex } from '../core/ids.ts';
import { isRecord } from '../core/is-record.ts';
import type { Widths } from '../core/row-widths.ts';
import type { Frame } from './worker/messages.ts';

/** A head holds numbers, or one failure with its stack. */
const headBytesMax = 4 * 1024 ** 2;
/** A job's result has 16 MiB of characters at most, which stand in both texts. */
const bodyBytesMax = 2 ** 30;

/** Cuts what a worker sends on its descriptor into frames. One that is none ends the reading. */
export class FrameSplitter {
  readonly #onFrame: (frame: Frame, body: Buffer) => void;
  readonly #onBroken: () => void;
  /** Of a head that is not whole yet. */
  #start: Buffer[] = [];
  /** Waits for its body, of which so many bytes are there. */
  #frame: Frame | undefined;
  #body = noBytes;
  #filled = 0;
  #broken = false;

  constructor(onFrame: (frame: Frame, body: Buffer) => void, onBroken: () => void) {
    this.#onFrame = onFrame;
    this.#onBroken = onBroken;
  }

  add(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0 && !this.#broken) rest = this.#frame === undefined ? this.#readHead(rest) : this.#fill(rest);
  }

  /** Returns what stands behind the head. */
  #readHead(chunk: Buffer): Buffer {
    const end = chunk.indexOf(lineFeed);
    this.#start.push(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0) {
      if (this.#start.reduce((sum, { length }) => sum + length, 0) > headBytesMax) this.#break();
      return noBytes;
    }
    const frame = parseFrame(Buffer.concat(this.#start).toString('utf8'));
    this.#start = [];
    if (frame === undefined) this.#break();
    else this.#begin(frame);
    return chunk.subarray(end + 1);
  }

  #begin(frame: Frame): void {
    if (frame.bytes === 0) {
      this.#onFrame(frame, noBytes);
      return;
    }
    this.#frame = frame;
    this.#body = Buffer.allocUnsafe(frame.bytes);
    this.#filled = 0;
  }

  /** Returns what stands behind the body. */
  #fill(chunk: Buffer): Buffer {
    const frame = this.#frame;
    if (frame === undefined) return chunk;
    const copied = chunk.copy(this.#body, this.#filled);
    this.#filled += copied;
    if (this.#filled === frame.bytes) {
      this.#frame = undefined;
      this.#onFrame(frame, this.#body);
    }
    return chunk.subarray(copied);
  }

  #break(): void {
    this.#broken = true;
    this.#start = [];
    this.#onBroken();
  }
}

const noBytes = Buffer.alloc(0);
const lineFeed = 10;

/** What a worker wrote is believed as far as it has the right form: a job may write on the descriptor, too. */
function parseFrame(line: string): Frame | undefined {
  let head: unknown;
  try {
    head = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(head)) return undefined;
  switch (head.type) {
    case 'block':
      return parseBlock(head);
    case 'failed':
      return parseFailed(head);
    case 'leaving':
      return { type: 'leaving', bytes: 0 };
    default:
      return undefined;
  }
}

function parseBlock(head: Readonly<Record<string, unknown>>): Frame | undefined {
  const { bytes, csvBytes, jobs, sumMs, maxMs, width, widths } = head;
  if (!isCount(bytes, bodyBytesMax) || !isCount(csvBytes, bytes) || !isCount(jobs, bytes) || jobs === 0)
    return undefined;
  if (typeof sumMs !== 'number' || typeof maxMs !== 'number') return undefined;
  if (width !== null && !isCount(width, bodyBytesMax)) return undefined;
  return { type: 'block', bytes, csvBytes, jobs, sumMs, maxMs, width, ...(isWidths(widths) && { widths }) };
}

function isWidths(value: unknown): value is Widths {
  return Array.isArray(value) && value.length === 2 && value.every((width) => isCount(width, bodyBytesMax));
}

function parseFailed({ answer }: Readonly<Record<string, unknown>>): Frame | undefined {
  if (!isRecord(answer) || !isRecord(answer.failure)) return undefined;
  const { job, attempt, startedAtMs, endedAtMs, runMs, failure } = answer;
  const { cause, message, stack, isSure } = failure;
  if (![job, attempt, startedAtMs, endedAtMs, runMs].every((value) => typeof value === 'number')) return undefined;
  if ((cause !== 'error' && cause !== 'unstorable') || typeof message !== 'string' || typeof stack !== 'string') {
    return undefined;
  }
  const about = { job: jobIndex(Number(job)), attempt: attemptNumber(Number(attempt)) };
  const times = { startedAtMs: Number(startedAtMs), endedAtMs: Number(endedAtMs), runMs: Number(runMs) };
  return {
    type: 'failed',
    bytes: 0,
    answer: { ...about, ...times, failure: { cause, message, stack, ...(isSure === true && { isSure }) } },
  };
}

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max;
}
