import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { Settled } from '../core/journal/settled.ts';

/** What of a share is settled, in numbers; those that failed, whole. Kept up while it runs, from what is on disk. */
export class Balance {
  readonly failures: Map<JobIndex, FoldedOutcome>;
  readonly #codes: Record<string, number>;
  #settled: number;
  retried: number;

  constructor(settled: Settled, retried: number) {
    this.failures = new Map(settled.failures());
    this.#codes = { ...settled.countCodes() };
    this.#settled = settled.size;
    this.retried = retried;
  }

  get settled(): number {
    return this.#settled;
  }

  get done(): number {
    return this.#settled - this.failures.size;
  }

  /** Settled jobs by the code that ran them. */
  get codes(): Readonly<Record<string, number>> {
    return this.#codes;
  }

  /** Jobs of which some code has given the rows that count. */
  doneBy(code: string): number {
    const failed = [...this.failures.values()].filter(({ session }) => session.codeFingerprint === code);
    return (this.#codes[code] ?? 0) - failed.length;
  }

  /** Jobs that were not settled before. */
  addDone(jobs: number, code: string): void {
    this.#settled += jobs;
    this.#codes[code] = (this.#codes[code] ?? 0) + jobs;
  }

  addFailed(failed: FoldedOutcome): void {
    this.failures.set(failed.outcome.job, failed);
    this.addDone(1, failed.session.codeFingerprint);
  }

  /** Ascending by job. */
  listFailures(): readonly FoldedOutcome[] {
    return [...this.failures.values()].sort((a, b) => a.outcome.job - b.outcome.job);
  }
}
