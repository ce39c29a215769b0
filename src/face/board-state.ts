import type { JobIndex, WorkerId } from '../core/ids.ts';
import type { RunEvent } from '../core/run-event.ts';

export interface RunningJob {
  readonly job: JobIndex;
  readonly fraction: number;
  readonly sinceMs: number;
}

/** What a board shows: a fold of the events. */
export class BoardState {
  total = 0;
  done = 0;
  failed = 0;
  retried = 0;
  startedAtMs = 0;
  readonly running: Map<WorkerId, RunningJob> = new Map();
  #settledHere = 0;

  get settled(): number {
    return this.done + this.failed;
  }

  /** Jobs per second in this session; `undefined` until enough is known. */
  rate(nowMs: number): number | undefined {
    const seconds = (nowMs - this.startedAtMs) / 1_000;
    return this.#settledHere > 0 && seconds > 0.2 ? this.#settledHere / seconds : undefined;
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.total = event.total;
        this.failed = event.failed;
        this.done = event.settled - event.failed;
        this.startedAtMs = event.atMs;
        break;
      case 'job-started':
        if (this.running.get(event.worker)?.job !== event.job) {
          this.running.set(event.worker, { job: event.job, fraction: 0, sinceMs: event.atMs });
        }
        break;
      case 'job-progress': {
        const job = this.running.get(event.worker);
        if (job?.job === event.job) this.running.set(event.worker, { ...job, fraction: event.fraction });
        break;
      }
      case 'worker-ended':
        this.running.delete(event.worker);
        break;
      case 'job-retried':
        this.retried++;
        break;
      case 'jobs-settled':
        for (const { worker, jobs } of event.blocks) {
          this.#settledHere += jobs.length;
          this.done += jobs.length;
          this.#stopped(worker, jobs);
        }
        for (const { worker, job } of event.failures) {
          this.#settledHere++;
          this.failed++;
          this.#stopped(worker, [job]);
        }
        break;
      default:
        break;
    }
  }

  #stopped(worker: WorkerId, jobs: readonly JobIndex[]): void {
    const running = this.running.get(worker);
    if (running !== undefined && jobs.includes(running.job)) this.running.delete(worker);
  }
}
