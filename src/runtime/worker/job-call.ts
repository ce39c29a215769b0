import type { ByteText } from '../../core/byte-text.ts';
import { decodeJson } from '../../core/json.ts';
import type { Jobs } from '../../core/recipe.ts';
import { argsSeparator, type JobsMessage } from './messages.ts';

/** What a job is called with behind its arguments: random numbers, settings, context. */
export const handedBehind = 3;

/** One job as a worker has to run it. */
export interface JobCall {
  readonly index: number;
  readonly attempt: number;
  /** Which of equal jobs, from 0. */
  readonly occurrence: number;
  /** The arguments, made for this call alone, and room for what is handed behind them. */
  readonly args: unknown[];
  /** Arguments in canonical JSON. */
  readonly argsJson: string;
  /** The same straight to bytes. */
  putArgs(text: ByteText): void;
}

/** Whose arguments follow from its index. */
class PooledCall implements JobCall {
  readonly index: number;
  readonly attempt: number;
  readonly occurrence: number;
  readonly args: unknown[];
  readonly #pool: Jobs;

  constructor(index: number, attempt: number, occurrence: number, pool: Jobs) {
    this.index = index;
    this.attempt = attempt;
    this.occurrence = occurrence;
    this.args = pool.args(index, handedBehind);
    this.#pool = pool;
  }

  get argsJson(): string {
    return this.#pool.spell(this.index);
  }

  putArgs(text: ByteText): void {
    this.#pool.put(text, this.index);
  }
}

/** Whose arguments came with it. */
export class SentCall implements JobCall {
  readonly index: number;
  readonly attempt: number;
  readonly occurrence: number;
  readonly args: unknown[];
  readonly argsJson: string;

  constructor(index: number, attempt: number, occurrence: number, argsJson: string, args: readonly unknown[]) {
    this.index = index;
    this.attempt = attempt;
    this.occurrence = occurrence;
    this.argsJson = argsJson;
    this.args = new Array<unknown>(args.length + handedBehind);
    for (let at = 0; at < args.length; at++) this.args[at] = args[at];
  }

  putArgs(text: ByteText): void {
    text.put(this.argsJson);
  }
}

/** The jobs of a message, one after another. */
export class JobCalls {
  readonly #message: JobsMessage;
  readonly #pool: Jobs | undefined;
  /** What the worker cannot work out from the indices; read when the first of the jobs begins. */
  #sent: { readonly texts: readonly string[]; readonly args: readonly unknown[][] } | undefined;
  #next = 0;

  constructor(message: JobsMessage, pool: Jobs | undefined) {
    this.#message = message;
    this.#pool = pool;
  }

  get epoch(): number {
    return this.#message.epoch;
  }

  get isOver(): boolean {
    return this.#next >= this.#message.jobs.length;
  }

  next(): JobCall {
    const at = this.#next++;
    const { jobs, attempt, same, args: sent } = this.#message;
    const index = jobs[at] ?? -1;
    const occurrence = same?.[at] ?? 0;
    if (sent !== undefined) {
      this.#sent ??= { texts: sent.split(argsSeparator), args: decodeJson(`[${sent}]`) as unknown[][] };
      return new SentCall(index, attempt, occurrence, this.#sent.texts[at] ?? '', this.#sent.args[at] ?? []);
    }
    if (this.#pool === undefined) throw new Error('Internal error: a job came without its arguments');
    return new PooledCall(index, attempt, occurrence, this.#pool);
  }
}
