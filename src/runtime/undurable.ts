import type { Block, FailedOutcome } from '../core/outcome.ts';

type Settled = { readonly block: Block } | { readonly failure: FailedOutcome };

/** What the journal was given and is not on disk yet, in order. */
export class Undurable {
  #waiting: (Settled & { readonly ticket: number })[] = [];

  add(ticket: number, settled: Settled): void {
    this.#waiting.push({ ...settled, ticket });
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  countJobs(): number {
    return this.#waiting.reduce((sum, it) => sum + ('block' in it ? it.block.jobs.length : 1), 0);
  }

  /** Everything up to this ticket is on disk. */
  take(ticket: number): { readonly blocks: readonly Block[]; readonly failures: readonly FailedOutcome[] } {
    const end = this.#waiting.findIndex((it) => it.ticket > ticket);
    const durable = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
    return {
      blocks: durable.flatMap((it) => ('block' in it ? [it.block] : [])),
      failures: durable.flatMap((it) => ('failure' in it ? [it.failure] : [])),
    };
  }
}
