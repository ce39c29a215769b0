import type { WorkerId } from '../ids.ts';
import type { AttemptTimes, Block, FailedOutcome, Failure } from '../outcome.ts';
import type { Attempts } from './attempts.ts';
import type { BatchCutter } from './batch-cutter.ts';
import type { Answer, Assignment, DispatchEffect } from './protocol.ts';
import { TallyKeeper } from './tally.ts';
import type { Suspicion } from './verdict.ts';

/** What becomes of a job that was at a worker: it is settled, tried again or back in the queue. Keeps count. */
export class Settlement {
  readonly tally: TallyKeeper = new TallyKeeper();
  readonly #cutter: BatchCutter;
  readonly #attempts: Attempts;
  readonly #emit: (effect: DispatchEffect) => void;
  readonly #onSettled: () => void;

  /** `onSettled`: called after each failure and each block, because failures may end the run. */
  constructor(cutter: BatchCutter, attempts: Attempts, emit: (effect: DispatchEffect) => void, onSettled: () => void) {
    this.#cutter = cutter;
    this.#attempts = attempts;
    this.#emit = emit;
    this.#onSettled = onSettled;
  }

  settleBlock(block: Block): void {
    this.#emit({ type: 'settle-block', block });
    this.tally.succeed(block.jobs.length);
    this.#onSettled();
  }

  /** `aborted`: it was told to stop. An error then is the stop's, and costs the job nothing. */
  concludeFailure(
    worker: WorkerId,
    { job, attempt, startedAtMs, endedAtMs, runMs, failure }: Answer,
    aborted: boolean,
  ): void {
    if (aborted) this.giveBack(worker, [{ job, attempt }], 'none', 'the run is stopped');
    else this.fail(worker, { job, attempt }, failure, { startedAtMs, endedAtMs, runMs }, 'alone');
  }

  fail(
    worker: WorkerId,
    { job, attempt }: Assignment,
    failure: Failure,
    times: AttemptTimes,
    suspicion: Suspicion,
  ): void {
    if (this.#attempts.spend(job, failure) === 'give-up') {
      this.#settle({ job, attempt, worker, ...times, failure });
      return;
    }
    this.tally.retry(failure.cause);
    this.#emit({ type: 'retry', worker, assignment: { job, attempt }, failure });
    this.#cutter.putBack(job, suspicion);
  }

  giveBack(worker: WorkerId, assignments: readonly Assignment[], suspicion: Suspicion, why: string): void {
    if (assignments.length === 0) return;
    this.#putBack(assignments, suspicion);
    this.#emit({ type: 'give-back', worker, assignments, why });
  }

  /** Jobs that never began go back without a word: that is ordinary balancing, and nothing happened to them. */
  takeBack(assignments: readonly Assignment[]): void {
    this.#putBack(assignments, 'none');
  }

  #putBack(assignments: readonly Assignment[], suspicion: Suspicion): void {
    for (const { job } of assignments) this.#cutter.putBack(job, suspicion);
    this.tally.giveBack(assignments.length);
  }

  #settle(outcome: FailedOutcome): void {
    this.#emit({ type: 'settle', outcome });
    this.tally.fail(outcome.failure.cause);
    this.#onSettled();
  }
}
