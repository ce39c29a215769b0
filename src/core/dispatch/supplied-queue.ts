import type { JobIndex } from '../ids.ts';
import type { Queue } from './queue.ts';

/** Jobs that an engine brings, first come, first served. Those that come back from a worker go first. */
export class SuppliedQueue implements Queue {
  /** Some were withdrawn: they stand here until their turn comes. */
  readonly #withdrawn = new Set<JobIndex>();
  #jobs: JobIndex[] = [];
  #next = 0;
  #returned: JobIndex[] = [];
  #isOpen = true;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get left(): number {
    return this.#jobs.length - this.#next - this.#withdrawn.size + this.#returned.length;
  }

  supply(jobs: readonly JobIndex[]): void {
    if (2 * this.#next > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#next);
      this.#next = 0;
    }
    for (const job of jobs) this.#jobs.push(job);
  }

  /** Nothing more will come. */
  close(): void {
    this.#isOpen = false;
  }

  /** Takes jobs away again, but for those at a worker; returns which. */
  withdraw(jobs: ReadonlySet<JobIndex>): readonly JobIndex[] {
    const back = this.#returned.filter((job) => jobs.has(job));
    this.#returned = this.#returned.filter((job) => !jobs.has(job));
    for (let at = this.#next; at < this.#jobs.length; at++) {
      const job = this.#jobs[at];
      if (job === undefined || !jobs.has(job) || this.#withdrawn.has(job)) continue;
      this.#withdrawn.add(job);
      back.push(job);
    }
    return back;
  }

  take(): JobIndex | undefined {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
    while (this.#next < this.#jobs.length) {
      const job = this.#jobs[this.#next++];
      if (job !== undefined && !this.#withdrawn.delete(job)) return job;
    }
    return undefined;
  }

  putBack(job: JobIndex): void {
    this.#returned.push(job);
  }
}
