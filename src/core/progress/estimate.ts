import { TimeHistogram } from './time-histogram.ts';

/** What is known of one running job. */
export interface RunningTime {
  readonly elapsedMs: number;
  /** What it said last of itself, from 0 to 1; `undefined`: nothing yet. */
  readonly fraction: number | undefined;
  /** How long it had run when it said so. */
  readonly saidAtMs: number;
}

/** Weights fall with the age of what was seen: by a factor of e in the session's own length, but never sooner than this. */
const memoryMinMs = 30_000;
/** How much of a job's own word on its progress is the mean of all: a job that is 1 % done knows little. */
const doubt = 0.03;
/** So many of the last jobs are dealt out one by one, for each worker. */
const dealtPerWorker = 4;
const dealtMax = 1_024;
const golden = (Math.sqrt(5) - 1) / 2;

/**
 * How long the rest of a share will take, for jobs as uneven as one likes.
 *
 * What a job costs is all the time that workers spent, divided by the jobs they got done: of running jobs the time counts,
 * too, and as jobs the part that is done. (The times of the finished ones alone would lie: long jobs are still running.)
 * A running job tells its part itself, else it is taken from how much longer others took that had run as long.
 * Recent times count more, so that it follows when the machine gets other work.
 *
 * In the end some workers are idle while others finish long jobs. So the last jobs are dealt out as the dispatcher would,
 * with times spread over all that were seen (the same ones at each call: nothing is random here).
 */
export class Estimate {
  readonly #times = new TimeHistogram();
  #startedAtMs: number | undefined;
  #lastMs = 0;
  /** Both with the weights of today. */
  #workerMs = 0;
  #jobs = 0;

  /** So many workers have been at work since the last call. Call it before what changes their number. */
  pass(nowMs: number, workers: number): void {
    if (this.#startedAtMs === undefined) {
      this.#startedAtMs = nowMs;
      this.#lastMs = nowMs;
    }
    const passedMs = nowMs - this.#lastMs;
    if (passedMs <= 0) return;
    this.#lastMs = nowMs;
    const keep = Math.exp(-passedMs / Math.max(memoryMinMs, nowMs - this.#startedAtMs));
    this.#jobs *= keep;
    this.#workerMs = this.#workerMs * keep + passedMs * workers;
  }

  /** So many jobs ended that took `sumMs` together, the longest `maxMs`. */
  learn(jobs: number, sumMs: number, maxMs: number): void {
    this.#jobs += jobs;
    this.#times.learn(maxMs);
    if (jobs > 1) this.#times.learn(Math.max(0, sumMs - maxMs) / (jobs - 1), jobs - 1);
  }

  /** Milliseconds until the last of `waiting` jobs and the running ones is done; `undefined` as long as nothing is known. */
  leftMs(waiting: number, running: readonly RunningTime[], workers: number): number | undefined {
    const costMs = this.#costMs(running);
    if (costMs === undefined) return undefined;
    const lefts = running.map((job, at) => this.#leftOfMs(job, costMs, spread(at)));
    if (waiting === 0) return Math.max(0, ...lefts);
    const dealt = Math.min(waiting, dealtPerWorker * workers, dealtMax);
    const bulkMs = ((waiting - dealt) * costMs) / workers;
    const idle = Array.from({ length: Math.max(0, workers - running.length) }, () => 0);
    return bulkMs + deal([...lefts, ...idle], this.#nextTimes(dealt, running, costMs));
  }

  /** Worker time for one job. */
  #costMs(running: readonly RunningTime[]): number | undefined {
    let jobs = this.#jobs;
    for (const job of running) jobs += job.fraction ?? this.#partOf(job);
    // So little of one job is no news.
    return jobs < 1e-9 ? undefined : this.#workerMs / jobs;
  }

  #partOf({ elapsedMs }: RunningTime): number {
    const beyond = this.#times.beyond(elapsedMs);
    return beyond === undefined ? 0 : elapsedMs / beyond.meanMs;
  }

  #leftOfMs({ elapsedMs, fraction, saidAtMs }: RunningTime, costMs: number, part: number): number {
    if (fraction === undefined) {
      const beyond = this.#times.beyond(elapsedMs);
      // Longer than all others: half as long again.
      if (beyond === undefined) return Math.max(costMs - elapsedMs, elapsedMs / 2);
      return Math.max(0, beyond.quantileMs(part) - elapsedMs);
    }
    // One that said too little, too early, may take as long again as it is late.
    return Math.abs(wholeMs(fraction, saidAtMs, costMs) - elapsedMs);
  }

  /** Times for jobs that have not begun: as varied as those that were seen, and on average as long as a job costs. */
  #nextTimes(count: number, running: readonly RunningTime[], costMs: number): readonly number[] {
    const seen = new TimeHistogram(this.#times);
    for (const { fraction, saidAtMs } of running) {
      if (fraction !== undefined) seen.learn(wholeMs(fraction, saidAtMs, costMs));
    }
    const all = seen.beyond(0);
    const times = Array.from({ length: count }, (_, at) => all?.quantileMs(spread(at)) ?? costMs);
    const scale = (count * costMs) / times.reduce((sum, ms) => sum + ms, 0);
    return Number.isFinite(scale) ? times.map((ms) => ms * scale) : times;
  }
}

function wholeMs(fraction: number, saidAtMs: number, costMs: number): number {
  return (saidAtMs + doubt * costMs) / (fraction + doubt);
}

/** Numbers in [0, 1), evenly spread however many are taken. */
function spread(at: number): number {
  return (0.5 + at * golden) % 1;
}

/** When the last worker has done its part if each takes the next job as soon as it is free. */
function deal(freeAtMs: number[], times: readonly number[]): number {
  const free = freeAtMs.sort((a, b) => a - b);
  for (const ms of times) {
    const readyAtMs = (free.shift() ?? 0) + ms;
    let at = free.length;
    while (at > 0 && (free[at - 1] ?? 0) > readyAtMs) at--;
    free.splice(at, 0, readyAtMs);
  }
  return free.at(-1) ?? 0;
}
