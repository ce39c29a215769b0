import { type JobIndex, jobIndex } from '../ids.ts';
import type { JobOrder } from '../order.ts';

/**
 * The jobs of one share that are still to run, in the plan's order. Jobs that come back (their worker died of
 * another job) go first: they were nearest to their end.
 */
export class JobQueue {
  readonly #order: JobOrder;
  readonly #isSettled: (job: JobIndex) => boolean;
  readonly #to: number;
  readonly #returned: JobIndex[] = [];
  #position: number;
  #left: number;

  /** `left`: how many jobs of positions `from` to `to` (excluded) are not settled. */
  constructor(order: JobOrder, from: number, to: number, left: number, isSettled: (job: JobIndex) => boolean) {
    this.#order = order;
    this.#position = from;
    this.#to = to;
    this.#left = left;
    this.#isSettled = isSettled;
  }

  get left(): number {
    return this.#left;
  }

  take(): JobIndex | undefined {
    const job = this.#returned.pop() ?? this.#nextInOrder();
    if (job !== undefined) this.#left--;
    return job;
  }

  putBack(job: JobIndex): void {
    this.#returned.push(job);
    this.#left++;
  }

  #nextInOrder(): JobIndex | undefined {
    while (this.#position < this.#to) {
      const job = jobIndex(this.#order.at(this.#position++) ?? -1);
      if (!this.#isSettled(job)) return job;
    }
    return undefined;
  }
}
