import type { FailureCause, Outcome } from '../outcome.ts';

/** Counts of one session. */
export interface Tally {
  readonly succeeded: number;
  readonly failed: number;
  /** Failed attempts after which the job ran again, or will in a later session. */
  readonly retried: number;
  /** Times a job went back free of charge: its worker died of another one or was stuck on it, or the run was stopped. */
  readonly returned: number;
  /** Failed attempts by cause, those of jobs that succeeded later included. */
  readonly failedAttempts: Readonly<Record<FailureCause, number>>;
}

export class TallyKeeper {
  #succeeded = 0;
  #failed = 0;
  #retried = 0;
  #returned = 0;
  readonly #causes: Record<FailureCause, number> = { error: 0, crash: 0, timeout: 0, memory: 0, unstorable: 0 };

  get now(): Tally {
    return {
      succeeded: this.#succeeded,
      failed: this.#failed,
      retried: this.#retried,
      returned: this.#returned,
      failedAttempts: { ...this.#causes },
    };
  }

  get settled(): number {
    return this.#succeeded + this.#failed;
  }

  get failed(): number {
    return this.#failed;
  }

  settle(outcome: Outcome): void {
    if (outcome.status === 'succeeded') {
      this.#succeeded++;
      return;
    }
    this.#failed++;
    this.#causes[outcome.failure.cause]++;
  }

  retry(cause: FailureCause): void {
    this.#retried++;
    this.#causes[cause]++;
  }

  giveBack(jobs: number): void {
    this.#returned += jobs;
  }
}
