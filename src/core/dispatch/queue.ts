import { type JobIndex, jobIndex } from '../ids.ts';
import { LastLines } from '../journal/last-lines.ts';
import type { JobOrder } from '../order.ts';

/** Where the dispatcher takes jobs from. */
export interface Queue {
  readonly left: number;
  /** More jobs may come from elsewhere: nothing left does not mean that all is over. */
  readonly isOpen: boolean;
  take(): JobIndex | undefined;
  /** A job that was taken and has not run. */
  putBack(job: JobIndex): void;
}

/**
 * The jobs of one share that are still to run, in the plan's order. Jobs that come back (their worker died of
 * another job) go first: they were nearest to their end.
 */
export class JobQueue implements Queue {
  readonly isOpen: boolean = false;
  readonly #isSettled: (job: JobIndex) => boolean;
  /** Of orders before this one; none where there was none. */
  readonly #handedOut = new LastLines();
  #order: JobOrder;
  #to: number;
  #returned: JobIndex[] = [];
  #from: number;
  #position: number;
  #left: number;

  /** `left`: how many jobs of positions `from` to `to` (excluded) are not settled. */
  constructor(order: JobOrder, from: number, to: number, left: number, isSettled: (job: JobIndex) => boolean) {
    this.#order = order;
    this.#from = from;
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

  /**
   * Other jobs instead of those left: a rescue has split them anew. What was handed out is not handed out again, unless it
   * came back.
   */
  redirect(order: JobOrder): void {
    for (let position = this.#from; position < this.#position; position++) this.#handedOut.set(this.#at(position), 1);
    for (const job of this.#returned) this.#handedOut.delete(job);
    this.#returned = [];
    this.#order = order;
    [this.#from, this.#position, this.#to] = [0, 0, order.length];
    this.#left = 0;
    for (let position = 0; position < order.length; position++) if (this.#isOpen(this.#at(position))) this.#left++;
  }

  #nextInOrder(): JobIndex | undefined {
    while (this.#position < this.#to) {
      const job = this.#at(this.#position++);
      if (this.#isOpen(job)) return job;
    }
    return undefined;
  }

  #at(position: number): JobIndex {
    return jobIndex(this.#order.at(position) ?? -1);
  }

  #isOpen(job: JobIndex): boolean {
    return !this.#isSettled(job) && (this.#handedOut.size === 0 || !this.#handedOut.has(job));
  }
}
