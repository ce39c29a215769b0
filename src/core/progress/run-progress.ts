import type { JobIndex, WorkerId } from '../ids.ts';
import type { RunEvent } from '../run-event.ts';
import { Estimate, type RunningTime } from './estimate.ts';
import { SmoothRate } from './smooth-rate.ts';

export interface RunningJob {
  readonly worker: WorkerId;
  readonly job: JobIndex;
  readonly sinceMs: number;
  /** What it said last of itself, 0 to 1; `undefined`: nothing yet. */
  readonly fraction: number | undefined;
  readonly saidAtMs: number;
  /** In its own words; text from a job. */
  readonly message: string;
}

/** How long an estimate stands before it is made anew. */
const estimateMs = 500;

/** How far a run is: a fold of its events, for everything that shows it. */
export class RunProgress {
  total = 0;
  done = 0;
  failed = 0;
  retried = 0;
  startedAtMs = 0;
  isOver = false;
  /** Nothing new is started: what is estimated is when the running jobs are done. */
  isDraining = false;
  #cores = 1;
  readonly running: Map<WorkerId, RunningJob> = new Map();
  readonly #estimate = new Estimate();
  #rate = new SmoothRate(0);
  #estimatedAtMs = Number.NEGATIVE_INFINITY;
  #readyAtMs: number | undefined;
  /** Other machines take part. */
  #hasHelp = false;

  get settled(): number {
    return this.done + this.failed;
  }

  /** Jobs per second; `undefined` until enough is known. */
  rate(nowMs: number): number | undefined {
    return this.#rate.at(nowMs);
  }

  /** When all will be done (while it is drained: all that run), in milliseconds since 1970; `undefined` as long as nothing is known. */
  readyAtMs(nowMs: number): number | undefined {
    if (nowMs - this.#estimatedAtMs < estimateMs && nowMs >= this.#estimatedAtMs) return this.#readyAtMs;
    this.#estimatedAtMs = nowMs;
    this.#estimate.pass(nowMs, this.running.size);
    const running = [...this.running.values()].map((job) => timeOf(job, nowMs));
    const waiting = this.isDraining ? 0 : Math.max(0, this.total - this.settled - running.length);
    const leftMs = this.#leftMs(waiting, running, nowMs);
    this.#readyAtMs = leftMs === undefined ? undefined : nowMs + leftMs;
    return this.#readyAtMs;
  }

  #leftMs(waiting: number, running: readonly RunningTime[], nowMs: number): number | undefined {
    if (!this.#hasHelp || this.isDraining) return this.#estimate.leftMs(waiting, running, this.#cores);
    // How many cores the others have is not known; how fast all are together is.
    const rate = this.#rate.at(nowMs);
    return rate === undefined || rate <= 0 ? undefined : (1_000 * (this.total - this.settled)) / rate;
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.total = event.total;
        this.failed = event.failed;
        this.done = event.settled - event.failed;
        this.startedAtMs = event.atMs;
        this.isOver = false;
        // A rescue may bring other jobs before the running ones are done, or new ones when they are.
        this.isDraining &&= this.running.size > 0;
        this.#cores = event.cores;
        this.#rate = new SmoothRate(event.atMs);
        break;
      case 'stopping':
        this.isDraining = true;
        this.#estimatedAtMs = Number.NEGATIVE_INFINITY;
        break;
      case 'run-ended':
        this.isOver = true;
        break;
      case 'job-started':
        this.#started(event);
        break;
      case 'job-progress':
        this.#progressed(event);
        break;
      case 'worker-ended':
        this.#estimate.pass(event.atMs, this.running.size);
        this.running.delete(event.worker);
        break;
      case 'job-retried':
        this.retried++;
        break;
      case 'others-settled':
        this.#hasHelp = true;
        this.done += event.jobs - event.failed;
        this.failed += event.failed;
        this.#rate.add(event.jobs, event.atMs);
        break;
      case 'jobs-settled':
        this.#settledJobs(event);
        break;
      default:
        break;
    }
  }

  #started({ worker, job, atMs }: Pick<Extract<RunEvent, { type: 'job-started' }>, 'worker' | 'job' | 'atMs'>): void {
    if (this.running.get(worker)?.job === job) return;
    this.#estimate.pass(atMs, this.running.size);
    this.running.set(worker, { worker, job, sinceMs: atMs, fraction: undefined, saidAtMs: atMs, message: '' });
  }

  #progressed({ worker, job, atMs, fraction, message }: Extract<RunEvent, { type: 'job-progress' }>): void {
    // The answers to those before it have not come yet.
    if (this.running.get(worker)?.job !== job) this.#started({ worker, job, atMs });
    const running = this.running.get(worker);
    if (running === undefined) return;
    this.running.set(worker, { ...running, fraction, saidAtMs: atMs, message: message ?? running.message });
  }

  #settledJobs({ atMs, blocks, failures }: Extract<RunEvent, { type: 'jobs-settled' }>): void {
    this.#estimate.pass(atMs, this.running.size);
    for (const { worker, jobs, sumMs, maxMs } of blocks) {
      this.done += jobs.length;
      this.#rate.add(jobs.length, atMs);
      this.#estimate.learn(jobs.length, sumMs, maxMs);
      this.#stopped(worker, jobs);
    }
    for (const { worker, job, runMs } of failures) {
      this.failed++;
      this.#rate.add(1, atMs);
      this.#estimate.learn(1, runMs, runMs);
      this.#stopped(worker, [job]);
    }
  }

  #stopped(worker: WorkerId, jobs: readonly JobIndex[]): void {
    const running = this.running.get(worker);
    if (running !== undefined && jobs.includes(running.job)) this.running.delete(worker);
  }
}

function timeOf({ sinceMs, fraction, saidAtMs }: RunningJob, nowMs: number): RunningTime {
  return { elapsedMs: Math.max(0, nowMs - sinceMs), fraction, saidAtMs: Math.max(0, saidAtMs - sinceMs) };
}
