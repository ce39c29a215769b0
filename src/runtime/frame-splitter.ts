import { attemptNumber, jobIndex } from '../core/ids.ts';
import { isRecord } from '../core/is-record.ts';
import type { Frame } from './worker/messages.ts';

/** A head holds numbers, or one failure with its stack. */
const headBytesMax = 4 * 1024 ** 2;
const bodyBytesMax = 2 ** 30;

/** Cuts what a worker sends on its descriptor into frames. One that is none ends the reading. */
export class FrameSplitter {
  readonly #onFrame: (frame: Frame, body: Buffer) => void;
  readonly #onBroken: () => void;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Waits for its body. */
  #frame: Frame | undefined;
  #broken = false;

  constructor(onFrame: (frame: Frame, body: Buffer) => void, onBroken: () => void) {
    this.#onFrame = onFrame;
    this.#onBroken = onBroken;
  }

  add(chunk: Buffer): void {
    if (this.#broken) return;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (!this.#broken && this.#takeOne());
  }

  /** Whether a whole frame was there. */
  #takeOne(): boolean {
    this.#frame ??= this.#takeHead();
    if (this.#frame === undefined || this.#held < this.#frame.bytes) return false;
    const frame = this.#frame;
    this.#frame = undefined;
    this.#onFrame(frame, this.#take(frame.bytes));
    return true;
  }

  #takeHead(): Frame | undefined {
    if (this.#held === 0) return undefined;
    const data = this.#join();
    const end = data.indexOf(lineFeed);
    if (end < 0) {
      if (data.length > headBytesMax) this.#break();
      return undefined;
    }
    const frame = parseFrame(this.#take(end + 1).toString('utf8'));
    if (frame === undefined) this.#break();
    return frame;
  }

  #join(): Buffer {
    const [only = Buffer.alloc(0)] = this.#chunks;
    if (this.#chunks.length <= 1) return only;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #take(bytes: number): Buffer {
    if (bytes === 0) return Buffer.alloc(0);
    const data = this.#join();
    this.#chunks = bytes < data.length ? [data.subarray(bytes)] : [];
    this.#held -= bytes;
    return data.subarray(0, bytes);
  }

  #break(): void {
    this.#broken = true;
    this.#chunks = [];
    this.#onBroken();
  }
}

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
  const { bytes, csvBytes, jobs, sumMs, maxMs, width, hasFiles } = head;
  if (!isCount(bytes, bodyBytesMax) || !isCount(csvBytes, bytes) || !isCount(jobs, bytes) || jobs === 0)
    return undefined;
  if (typeof sumMs !== 'number' || typeof maxMs !== 'number' || typeof hasFiles !== 'boolean') return undefined;
  if (width !== null && !isCount(width, bodyBytesMax)) return undefined;
  return { type: 'block', bytes, csvBytes, jobs, sumMs, maxMs, width, hasFiles };
}

function parseFailed({ answer }: Readonly<Record<string, unknown>>): Frame | undefined {
  if (!isRecord(answer) || !isRecord(answer.failure)) return undefined;
  const { job, attempt, startedAtMs, endedAtMs, runMs, failure } = answer;
  const { cause, message, stack } = failure;
  if (![job, attempt, startedAtMs, endedAtMs, runMs].every((value) => typeof value === 'number')) return undefined;
  if ((cause !== 'error' && cause !== 'unstorable') || typeof message !== 'string' || typeof stack !== 'string') {
    return undefined;
  }
  const about = { job: jobIndex(Number(job)), attempt: attemptNumber(Number(attempt)) };
  const times = { startedAtMs: Number(startedAtMs), endedAtMs: Number(endedAtMs), runMs: Number(runMs) };
  return { type: 'failed', bytes: 0, answer: { ...about, ...times, failure: { cause, message, stack } } };
}

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max;
}
