import { type DispatchPolicy, gatherMs } from './policy.ts';

/** Work that one message to a worker should hold: as much as one message from it answers. */
const batchTargetMs = gatherMs;
/** A job that long is no company for others. */
const slowMs = 100;
const batchJobsMax = 1_024;
/** A core that idles for so long at the end loses less than smaller batches cost: the way of a message there and back. */
const tailMs = 0.5;
/**
 * The next batch is sent ahead below this mean: the way of a message there and back takes 0.5 to 2 ms on busy cores. What then
 * waits behind a long job is taken back (`recall.ts`).
 */
const prefetchBelowMs = 250;
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
    const smoothed = mean + (1 - (1 - smoothing) ** jobs) * (blockMean - mean);
    // One slow job among thousands must shrink batches at once, a fast one may grow them slowly.
    this.#meanMs = maxMs > slowMs ? Math.max(smoothed, maxMs / 10) : smoothed;
  }

  /** Jobs for one message, while `left` jobs wait in the queue. At least 1. */
  size(left: number): number {
    if (this.#chunkJobs !== 'auto') return this.#chunkJobs;
    if (this.#meanMs === undefined) return 1;
    const byTime = Math.floor(batchTargetMs / Math.max(this.#meanMs, batchTargetMs / batchJobsMax));
    const byTail = Math.max(Math.ceil(left / (2 * this.#cores)), Math.floor(tailMs / this.#meanMs));
    return Math.max(1, Math.min(byTime, byTail));
  }

  /** Whether a worker should get its next batch before it has answered the last: for short jobs, outside the tail. */
  prefetches(left: number): boolean {
    return this.#meanMs !== undefined && this.#meanMs < prefetchBelowMs && left > 4 * this.#cores * this.size(left);
  }
}
