import type { BatchCutter } from './batch-cutter.ts';
import type { DispatchPolicy } from './policy.ts';
import type { DispatchEffect } from './protocol.ts';
import { recallDueMs } from './recall.ts';
import type { WorkerRecord } from './worker-state.ts';
import type { Workers } from './workers.ts';

/** Which worker gets how much, when another one is wanted, and from whom jobs are taken back. */
export class Feeding {
  readonly #policy: DispatchPolicy;
  readonly #cutter: BatchCutter;
  readonly #workers: Workers;
  readonly #emit: (effect: DispatchEffect) => void;

  constructor(policy: DispatchPolicy, cutter: BatchCutter, workers: Workers, emit: (effect: DispatchEffect) => void) {
    this.#policy = policy;
    this.#cutter = cutter;
    this.#workers = workers;
    this.#emit = emit;
  }

  /** Idle, and may not get another job in its life. */
  isSpent(worker: WorkerRecord): boolean {
    return worker.at.state === 'idle' && this.#quota(worker) <= 0;
  }

  /** `inTime`: how many jobs, one after another, would be finished in time. */
  feedAll(inTime: number, nowMs: number): void {
    for (const worker of this.#workers) this.#feed(worker, inTime, nowMs);
  }

  /** As many workers as there is work for, up to the machine's cores. */
  spawnWanted(nowMs: number): void {
    // Who is idle after the feeding can take none of the jobs that are left: they want a new worker. A core is free for
    // each of them, because the worker that it was taken from is gone.
    const coming = this.#workers.count(({ state }) => state === 'starting');
    const wanted = Math.min(this.#policy.cores - this.#workers.size, this.#cutter.left - coming);
    for (let count = 0; count < wanted; count++) {
      const { id } = this.#workers.add(nowMs);
      this.#emit({ type: 'spawn', worker: id });
    }
  }

  /**
   * Whether it serves anything to take jobs back while the run goes on. A batch of `auto` was never meant to last; one
   * whose size somebody chose is left alone as long as nobody could run its jobs any sooner.
   */
  servesRecall(): boolean {
    if (this.#policy.chunkJobs === 'auto' || this.#workers.count((at, it) => isHungry(at, it.recall)) > 0) return true;
    return this.#cutter.left === 0 && this.#workers.size < this.#policy.cores;
  }

  recallStuck(sinceMs: number, nowMs: number): void {
    for (const worker of this.#workers) {
      if (recallDueMs(worker, sinceMs) > nowMs) continue;
      worker.recall = 'asked';
      this.#emit({ type: 'recall', worker: worker.id });
    }
  }

  #quota({ answered }: WorkerRecord): number {
    return (this.#policy.jobsPerWorkerMax ?? Number.POSITIVE_INFINITY) - answered;
  }

  #feed(worker: WorkerRecord, inTime: number, nowMs: number): void {
    const { at } = worker;
    if ((at.state !== 'idle' && at.state !== 'busy') || worker.recall !== 'none') return;
    const assignments = this.#cutter.cut(worker, Math.min(this.#quota(worker), inTime));
    if (assignments.length === 0) return;
    worker.assigned += assignments.length;
    if (at.state === 'busy') at.unanswered.push(...assignments);
    else worker.at = { state: 'busy', unanswered: [...assignments], firstSinceMs: nowMs, killAtMs: undefined };
    this.#emit({ type: 'assign', worker: worker.id, assignments });
  }
}

function isHungry({ state }: WorkerRecord['at'], recall: WorkerRecord['recall']): boolean {
  return state === 'idle' && recall === 'none';
}
