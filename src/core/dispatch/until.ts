import { JobTimes } from './job-times.ts';
import type { DispatchPolicy } from './policy.ts';
import { latestStartMs, type WorkerRecord } from './worker-state.ts';

/** How long jobs take, and what may still be started if everything is to be finished by `untilMs`. */
export class Until {
  readonly #untilMs: number | undefined;
  readonly #timeoutMs: number | undefined;
  readonly #times: JobTimes;

  constructor(policy: Pick<DispatchPolicy, 'untilMs' | 'timeoutMs' | 'jobMsPrior'>) {
    this.#untilMs = policy.untilMs;
    this.#timeoutMs = policy.timeoutMs;
    this.#times = new JobTimes(policy.jobMsPrior);
  }

  /** So many jobs are finished, the longest of which took `runMs`. */
  learn(runMs: number, jobs: number): void {
    this.#times.learn(runMs, jobs);
  }

  /** How long the next job may take, from the finished ones and from how long the running ones run already. */
  #expectedMs(workers: Iterable<WorkerRecord>, nowMs: number): number | undefined {
    let longestMs = this.#times.longestMs;
    for (const { at } of workers) {
      if (at.state === 'busy') longestMs = Math.max(longestMs ?? 0, nowMs - latestStartMs(at));
    }
    return longestMs === undefined ? undefined : Math.min(longestMs, this.#timeoutMs ?? longestMs);
  }

  /** How many jobs, one after another, would be finished in time. Those of unknown length are started until the last moment. */
  jobsInTime(workers: Iterable<WorkerRecord>, nowMs: number): number {
    if (this.#untilMs === undefined) return Number.POSITIVE_INFINITY;
    if (nowMs >= this.#untilMs) return 0;
    const expectedMs = this.#expectedMs(workers, nowMs) ?? 0;
    return Math.floor((this.#untilMs - nowMs) / Math.max(expectedMs, 1e-3));
  }

  /** From then on surely nothing may start. */
  get atMs(): number {
    return this.#untilMs ?? Number.POSITIVE_INFINITY;
  }

  /** When the last running job may be finished, from now; `undefined` where nothing is known. */
  longestLeftMs(workers: Iterable<WorkerRecord>, nowMs: number): number | undefined {
    const longestMs = this.#times.longestMs;
    if (longestMs === undefined) return undefined;
    let leftMs = 0;
    for (const { at } of workers) {
      if (at.state === 'busy') leftMs = Math.max(leftMs, longestMs * at.unanswered.length - (nowMs - at.firstSinceMs));
    }
    return leftMs;
  }
}
