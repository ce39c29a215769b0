import type { JournalledOutcome } from '../journal/journalled-outcome.ts';
import { encodeJson } from '../json.ts';
import { shorten } from './argument-counts.ts';

const slowestMax = 10;
const argsCharsMax = 200;

export interface SlowJob {
  readonly job: number;
  readonly machine: string;
  /** As JSON, shortened. */
  readonly args: string;
  readonly attempt: number;
  readonly hasFailed: boolean;
  readonly runMs: number;
}

/** The jobs that took longest; of equal ones the first that was told. */
export class Slowest {
  #list: SlowJob[] = [];

  get list(): readonly SlowJob[] {
    return this.#list;
  }

  add({ job, args, attempt, runMs, result }: JournalledOutcome, machine: string): void {
    const last = this.#list.at(-1);
    if (this.#list.length >= slowestMax && last !== undefined && runMs <= last.runMs) return;
    const slow = {
      job,
      machine,
      args: shorten(encodeJson(args), argsCharsMax),
      attempt,
      hasFailed: result.status === 'failed',
      runMs,
    };
    this.#list = [...this.#list, slow].sort((a, b) => b.runMs - a.runMs).slice(0, slowestMax);
  }
}
