import type { Config } from '../../config/config.ts';
import type { ByteText } from '../../core/byte-text.ts';
import { decodeJson } from '../../core/json.ts';
import type { Random } from '../../core/random.ts';
import type { Jobs } from '../../core/recipe.ts';
import type { Context } from '../../experiment.ts';
import { argsSeparator, type JobsMessage } from './messages.ts';

// A job may replace what it holds.
const List = Array;

/** One job as a worker has to run it. */
export interface JobCall {
  readonly index: number;
  readonly attempt: number;
  /** Which of equal jobs, from 0. */
  readonly occurrence: number;
  /** Arguments in canonical JSON. */
  readonly argsJson: string;
  /** The same straight to bytes. */
  putArgs(text: ByteText): void;
  /** What the job is called with: its arguments, made for this call alone, and what is handed to it behind them. */
  argsWith(random: Random, config: Config, context: Context): unknown[];
}

const handedBehind = 3;

function handBehind(args: unknown[], random: Random, config: Config, context: Context): unknown[] {
  const from = args.length - handedBehind;
  args[from] = random;
  args[from + 1] = config;
  args[from + 2] = context;
  return args;
}

/** A job whose arguments follow from its index. */
class PooledCall implements JobCall {
  readonly index: number;
  readonly attempt: number;
  readonly occurrence: number;
  readonly #pool: Jobs;

  constructor(index: number, attempt: number, occurrence: number, pool: Jobs) {
    this.index = index;
    this.attempt = attempt;
    this.occurrence = occurrence;
    this.#pool = pool;
  }

  get argsJson(): string {
    return this.#pool.spell(this.index);
  }

  putArgs(text: ByteText): void {
    this.#pool.put(text, this.index);
  }

  argsWith(random: Random, config: Config, context: Context): unknown[] {
    return handBehind(this.#pool.args(this.index, handedBehind), random, config, context);
  }
}

/** A job whose arguments came with it. */
export class SentCall implements JobCall {
  readonly index: number;
  readonly attempt: number;
  readonly occurrence: number;
  readonly argsJson: string;
  readonly #args: readonly unknown[];

  constructor(index: number, attempt: number, occurrence: number, argsJson: string, args: readonly unknown[]) {
    this.index = index;
    this.attempt = attempt;
    this.occurrence = occurrence;
    this.argsJson = argsJson;
    this.#args = args;
  }

  putArgs(text: ByteText): void {
    text.put(this.argsJson);
  }

  argsWith(random: Random, config: Config, context: Context): unknown[] {
    const { length } = this.#args;
    const args = new List<unknown>(length + handedBehind);
    for (let at = 0; at < length; at++) args[at] = this.#args[at];
    return handBehind(args, random, config, context);
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
