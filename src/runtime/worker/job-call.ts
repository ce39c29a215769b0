import { decodeJson } from '../../core/json.ts';
import type { Jobs } from '../../core/recipe.ts';
import { argsSeparator, type JobsMessage } from './messages.ts';

/** One job as a worker has to run it. */
export interface JobCall {
  readonly index: number;
  readonly attempt: number;
  /** Arguments in canonical JSON. */
  readonly argsJson: string;
  /** Which of equal jobs, from 0. */
  readonly occurrence: number;
  /** The arguments, made for this call alone. */
  readonly args: unknown[];
}

/** The jobs of a message, one after another. */
export class JobCalls {
  readonly #message: JobsMessage;
  readonly #pool: Jobs | undefined;
  /** What the worker cannot work out from the indices; read when the first of the jobs begins. */
  #sent: { readonly texts: readonly string[]; readonly args: unknown[][] } | undefined;
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
      const argsJson = this.#sent.texts[at] ?? '';
      return { index, attempt, occurrence, argsJson, args: this.#sent.args[at] ?? [] };
    }
    if (this.#pool === undefined) throw new Error('Internal error: a job came without its arguments');
    return { index, attempt, occurrence, argsJson: this.#pool.spell(index), args: this.#pool.args(index) };
  }
}
