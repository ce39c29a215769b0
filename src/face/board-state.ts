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
  #succeededHere = 0;
  #runMsSum = 0;

  get settled(): number {
    return this.done + this.failed;
  }

  /** Jobs per second in this session; `undefined` until enough is known. */
  rate(nowMs: number): number | undefined {
    const seconds = (nowMs - this.startedAtMs) / 1_000;
    return this.#settledHere > 0 && seconds > 0.2 ? this.#settledHere / seconds : undefined;
  }

  /** About how long the running jobs still take; by their progress, else by what jobs took so far. */
  longestLeftMs(nowMs: number): number | undefined {
    const meanMs = this.#succeededHere === 0 ? undefined : this.#runMsSum / this.#succeededHere;
    let longest: number | undefined;
    for (const { fraction, sinceMs } of this.running.values()) {
      const soFarMs = nowMs - sinceMs;
      const wholeMs = fraction > 0 ? soFarMs / fraction : meanMs;
      if (wholeMs !== undefined) longest = Math.max(longest ?? 0, wholeMs - soFarMs);
    }
    return longest;
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
        for (const { status, worker, job, runMs } of event.outcomes) {
          this.#settledHere++;
          if (status === 'succeeded') {
            this.#succeededHere++;
            this.#runMsSum += runMs;
          }
          if (status === 'failed') this.failed++;
          else this.done++;
          if (this.running.get(worker)?.job === job) this.running.delete(worker);
        }
        break;
      default:
        break;
    }
  }
}
