import type { DispatchPolicy } from './policy.ts';

/**
 * Work that one message to a worker should hold: short beside a person, long beside what a message costs, which is up to 1 ms of
 * the main process where its caches are cold (measured: 25 ms cost 5 % of two cores, 100 ms 2 %).
 */
const batchTargetMs = 100;
/** A job that long is no company for others. */
const slowMs = 100;
const batchJobsMax = 1_024;
/**
 * The next batch is sent ahead below this mean: the way of a message there and back takes 0.5 to 2 ms on busy cores. What then
 * waits behind a long job is taken back (`recall.ts`).
 */
const prefetchBelowMs = 150;
/** How fast the mean follows: the last 20 or so answers count most, so that a pool whose jobs grow is noticed. */
const smoothing = 0.1;

/**
 * How many jobs travel together. Starts at one, follows the measured job time, shrinks towards the end of the
 * queue so that no core holds a queue of jobs while another one idles.
 */
export class BatchSizer {
  readonly #chunkJobs: number | 'auto';
  readonly #cores: number;
  #meanMs: number | undefined;

  constructor(policy: Pick<DispatchPolicy, 'chunkJobs' | 'cores'>) {
    this.#chunkJobs = policy.chunkJobs;
    this.#cores = policy.cores;
  }

  /** Learns how long some jobs took together, and the longest of them. */
  learn(jobs: number, sumMs: number, maxMs: number): void {
    const blockMean = sumMs / jobs;
    const mean = this.#meanMs ?? blockMean;
    // One slow job among thousands must shrink batches at once, a fast one may grow them slowly.
    if (maxMs > slowMs) this.#meanMs = Math.max(mean, maxMs / 10);
    else this.#meanMs = mean + (1 - (1 - smoothing) ** jobs) * (blockMean - mean);
  }

  /** Jobs for one message, while `left` jobs wait in the queue. At least 1. */
  size(left: number): number {
    if (this.#chunkJobs !== 'auto') return this.#chunkJobs;
    if (this.#meanMs === undefined) return 1;
    const byTime = Math.floor(batchTargetMs / Math.max(this.#meanMs, batchTargetMs / batchJobsMax));
    const byTail = Math.ceil(left / (2 * this.#cores));
    return Math.max(1, Math.min(byTime, byTail));
  }

  /** Whether a worker should get its next batch before it has answered the last: for short jobs, outside the tail. */
  prefetches(left: number): boolean {
    return this.#meanMs !== undefined && this.#meanMs < prefetchBelowMs && left > 4 * this.#cores * this.size(left);
  }
}
