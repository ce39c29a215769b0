import type { JobIndex } from '../ids.ts';
import type { Attempts } from './attempts.ts';
import { BatchSizer } from './batch.ts';
import type { DispatchPolicy } from './policy.ts';
import type { Answer, Assignment } from './protocol.ts';
import type { JobQueue } from './queue.ts';
import type { Busy, Idle } from './worker-state.ts';

/** Takes jobs from the queue for one message to a worker. A job that may kill its worker goes out alone. */
export class BatchCutter {
  readonly #queue: JobQueue;
  readonly #attempts: Attempts;
  readonly #sizer: BatchSizer;
  /** Jobs that were at a worker when it died, and cannot be told apart: they go out one by one. */
  readonly #suspects = new Set<JobIndex>();

  constructor(policy: Pick<DispatchPolicy, 'chunkJobs' | 'cores'>, queue: JobQueue, attempts: Attempts) {
    this.#queue = queue;
    this.#attempts = attempts;
    this.#sizer = new BatchSizer(policy);
  }

  learn({ job, runMs }: Answer): void {
    this.#sizer.learn(runMs);
    this.#suspects.delete(job);
  }

  suspect(job: JobIndex): void {
    this.#suspects.add(job);
  }

  acquit(job: JobIndex): void {
    this.#suspects.delete(job);
  }

  /** At most `quota` jobs at the worker together; none where it has enough to do. */
  cut(at: Idle | Busy, quota: number): readonly Assignment[] {
    const inFlight = at.state === 'busy' ? at.unanswered : [];
    const left = this.#queue.left;
    const size = this.#sizer.size(left);
    if (inFlight.length > 0 && (inFlight.length > size || !this.#sizer.prefetches(left) || this.#runsAlone(inFlight))) {
      return [];
    }
    const assignments: Assignment[] = [];
    while (assignments.length < Math.min(size, quota - inFlight.length)) {
      const job = this.#queue.take();
      if (job === undefined) break;
      const alone = this.#isAlone(job);
      if (alone && inFlight.length + assignments.length > 0) {
        this.#queue.putBack(job);
        break;
      }
      assignments.push({ job, attempt: this.#attempts.next(job) });
      if (alone) break;
    }
    return assignments;
  }

  #isAlone(job: JobIndex): boolean {
    return this.#suspects.has(job) || this.#attempts.hasFailed(job);
  }

  #runsAlone(inFlight: readonly Assignment[]): boolean {
    return inFlight.some(({ job }) => this.#isAlone(job));
  }
}
