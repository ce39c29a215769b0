import { type AttemptNumber, attemptNumber, type JobIndex } from '../ids.ts';
import type { Failure, FailureCause } from '../outcome.ts';
import type { DispatchPolicy } from './policy.ts';

/** Failed attempts of one job, by what they cost. */
interface Spent {
  faults: number;
  deaths: number;
}

/** What the journal recorded of earlier sessions. */
export interface SpentAttempt {
  readonly job: JobIndex;
  readonly cause: FailureCause;
}

/** Counts failed attempts and decides between another try and the end. Holds only jobs that failed at least once. */
export class Attempts {
  readonly #retries: number;
  readonly #crashLimit: number;
  readonly #spent = new Map<JobIndex, Spent>();

  constructor(policy: Pick<DispatchPolicy, 'retries' | 'crashLimit'>, earlier: Iterable<SpentAttempt> = []) {
    this.#retries = policy.retries;
    this.#crashLimit = policy.crashLimit;
    for (const { job, cause } of earlier) this.spend(job, { cause });
  }

  /** The number of the job's next attempt. */
  next(job: JobIndex): AttemptNumber {
    const spent = this.#spent.get(job);
    return attemptNumber(1 + (spent ? spent.faults + spent.deaths : 0));
  }

  /** Whether the job failed before; such a job runs alone, so that its next failure is surely its own. */
  hasFailed(job: JobIndex): boolean {
    return this.#spent.has(job);
  }

  /** Counts a failed attempt; says whether the job may run again. */
  spend(job: JobIndex, { cause, isSure }: Pick<Failure, 'cause' | 'isSure'>): 'again' | 'give-up' {
    const spent = this.#spent.get(job) ?? { faults: 0, deaths: 0 };
    this.#spent.set(job, spent);
    // The same arguments give the same unstorable value: another try is wasted.
    if (cause === 'unstorable' || isSure === true) {
      spent.faults++;
      return 'give-up';
    }
    if (cause === 'crash' || cause === 'memory') return ++spent.deaths >= this.#crashLimit ? 'give-up' : 'again';
    return ++spent.faults > this.#retries ? 'give-up' : 'again';
  }
}
