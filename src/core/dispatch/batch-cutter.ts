import type { JobIndex } from '../ids.ts';
import type { Block } from '../outcome.ts';
import type { Attempts } from './attempts.ts';
import { BatchSizer } from './batch.ts';
import type { DispatchPolicy } from './policy.ts';
import type { Assignment } from './protocol.ts';
import type { Queue } from './queue.ts';
import type { Suspicion } from './verdict.ts';
import type { WorkerRecord } from './worker-state.ts';

/** Takes jobs from the queue for one message to a worker. A job that may kill its worker goes out alone. */
export class BatchCutter {
  readonly #queue: Queue;
  readonly #attempts: Attempts;
  readonly #sizer: BatchSizer;
  /** Jobs that were at a worker when it died, and cannot be told apart: they go out one by one. */
  readonly #suspects = new Set<JobIndex>();
  /** Jobs that wait for a worker that has run nothing else. */
  readonly #wantFresh: JobIndex[] = [];

  constructor(policy: Pick<DispatchPolicy, 'chunkJobs' | 'cores'>, queue: Queue, attempts: Attempts) {
    this.#queue = queue;
    this.#attempts = attempts;
    this.#sizer = new BatchSizer(policy);
  }

  /** Jobs at no worker that are not settled. */
  get left(): number {
    return this.#queue.left + this.#wantFresh.length;
  }

  /** Whether jobs are left, or may come. */
  get hasMore(): boolean {
    return this.left > 0 || this.#queue.isOpen;
  }

  learn({ jobs, sumMs, maxMs }: Pick<Block, 'jobs' | 'sumMs' | 'maxMs'>): void {
    this.#sizer.learn(jobs.length, sumMs, maxMs);
    if (this.#suspects.size > 0) for (const job of jobs) this.#suspects.delete(job);
  }

  putBack(job: JobIndex, suspicion: Suspicion): void {
    if (suspicion !== 'none') this.#suspects.add(job);
    if (suspicion === 'fresh') this.#wantFresh.push(job);
    else this.#queue.putBack(job);
  }

  /** At most `quota` jobs at the worker together; none where it has enough to do. */
  cut({ at, assigned }: WorkerRecord, quota: number): readonly Assignment[] {
    if (assigned === 0 && quota > 0) {
      const job = this.#wantFresh.pop();
      if (job !== undefined) return [this.#assign(job)];
    }
    const inFlight = at.state === 'busy' ? at.unanswered : [];
    const left = this.#queue.left;
    const size = this.#sizer.size(left);
    if (inFlight.length > 0 && (inFlight.length > size || !this.#sizer.prefetches(left) || this.#runsAlone(inFlight))) {
      return [];
    }
    return this.#fill(Math.min(size, quota - inFlight.length), inFlight.length > 0);
  }

  #fill(size: number, hasCompany: boolean): readonly Assignment[] {
    const assignments: Assignment[] = [];
    while (assignments.length < size) {
      const job = this.#queue.take();
      if (job === undefined) break;
      const alone = this.#isAlone(job);
      if (alone && (hasCompany || assignments.length > 0)) {
        this.#queue.putBack(job);
        break;
      }
      assignments.push(this.#assign(job));
      if (alone) break;
    }
    return assignments;
  }

  #assign(job: JobIndex): Assignment {
    return { job, attempt: this.#attempts.next(job) };
  }

  #isAlone(job: JobIndex): boolean {
    return this.#suspects.has(job) || this.#attempts.hasFailed(job);
  }

  #runsAlone(inFlight: readonly Assignment[]): boolean {
    return inFlight.some(({ job }) => this.#isAlone(job));
  }
}
