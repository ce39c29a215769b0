import assert from 'node:assert/strict';
import type { Assignment } from '../../src/core/dispatch/protocol.ts';
import type { JobIndex } from '../../src/core/ids.ts';

/** What the floor wants to know of a worker. */
export interface Observed {
  /** Since when it could take a job and has none. */
  readonly idleSinceMs: number | undefined;
  /** Since when it runs one job while others wait behind it. */
  readonly stuckSinceMs: number | undefined;
}

/** So long may a job wait although a core is idle: a worker is found to be stuck, is asked, answers late, sends late. */
const waitMaxMs = 2_000;

/** Sees all workers of one session at once, which nobody in the program can, and throws where a promise is broken. */
export class Floor {
  readonly #running = new Set<JobIndex>();
  /** Ran to a good end, and the program was told. */
  readonly #heard = new Set<JobIndex>();
  readonly #workers = new Set<Observed>();
  /** Came back unbegun; since when. */
  readonly #back = new Map<JobIndex, number>();
  #drainSinceMs: number = Number.POSITIVE_INFINITY;
  /** Since when nothing has excused an idle core: neither a machine that sleeps nor a disk that refuses. */
  #quietSinceMs = 0;

  get isEmpty(): boolean {
    return this.#running.size === 0;
  }

  enter(worker: Observed): void {
    this.#workers.add(worker);
  }

  leave(worker: Observed): void {
    this.#workers.delete(worker);
  }

  begin(job: JobIndex, nowMs: number, isDeaf: boolean): void {
    assert.ok(!this.#running.has(job), `job ${job} runs on two workers at the same time`);
    assert.ok(!this.#heard.has(job), `job ${job} came to its end and runs again`);
    const sinceMs = Math.max(this.#drainSinceMs, this.#quietSinceMs);
    assert.ok(isDeaf || nowMs - sinceMs <= waitMaxMs, `job ${job} was begun long after the run was to be drained`);
    this.#running.add(job);
  }

  end(job: JobIndex): void {
    this.#running.delete(job);
  }

  hear(job: JobIndex): void {
    this.#heard.add(job);
  }

  assign(assignments: readonly Assignment[]): void {
    for (const { job } of assignments) this.#back.delete(job);
  }

  comeBack(assignments: readonly Assignment[], nowMs: number): void {
    for (const { job } of assignments) this.#back.set(job, nowMs);
  }

  drain(nowMs: number): void {
    this.#drainSinceMs = Math.min(this.#drainSinceMs, nowMs);
  }

  excuse(nowMs: number): void {
    this.#quietSinceMs = nowMs;
  }

  /** No job waits for long behind another one, or for nothing at all, while there is somebody who could run it. */
  check(nowMs: number): void {
    if (this.#drainSinceMs <= nowMs || nowMs - this.#quietSinceMs <= waitMaxMs) return;
    const isLong = (sinceMs: number | undefined): boolean => sinceMs !== undefined && nowMs - sinceMs > waitMaxMs;
    const workers = [...this.#workers];
    if (!workers.some(({ idleSinceMs }) => isLong(idleSinceMs))) return;
    assert.ok(
      !workers.some(({ stuckSinceMs }) => isLong(stuckSinceMs)),
      'jobs wait behind another one while a core idles',
    );
    for (const [job, sinceMs] of this.#back) assert.ok(!isLong(sinceMs), `job ${job} came back and nobody runs it`);
  }
}
