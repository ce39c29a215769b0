import { RunProgress } from '../core/progress/run-progress.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { writeStatus } from '../runtime/status-file.ts';

const writeMs = 2_000;

export interface StatusSource {
  /** Up to where the journal holds what has been told. */
  readonly journalBytes: () => number;
  /** In all sessions. */
  readonly retried: () => number;
}

/** Keeps `status.json` up while a run goes on. */
export class StatusKeeper implements Reporter {
  readonly #folder: string;
  readonly #source: StatusSource;
  readonly #progress = new RunProgress();
  #timer: NodeJS.Timeout | undefined;
  #hasNews = false;

  constructor(folder: string, source: StatusSource) {
    this.#folder = folder;
    this.#source = source;
  }

  on(event: RunEvent): void {
    this.#progress.take(event);
    this.#hasNews = true;
    if (event.type === 'run-started') {
      this.#timer = setInterval(() => this.#write(Date.now()), writeMs);
      this.#timer.unref();
      this.#write(event.atMs);
    }
    if (event.type === 'run-ended') this.close(event.atMs);
  }

  /** The last word, if anything was begun. */
  close(nowMs: number): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#hasNews = true;
    this.#write(nowMs);
  }

  #write(nowMs: number): void {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    const { total, done, failed, running, isDraining } = this.#progress;
    writeStatus(this.#folder, {
      ...{ atMs: nowMs, total, done, failed },
      journalBytes: this.#source.journalBytes(),
      retried: this.#source.retried(),
      rate: this.#progress.rate(nowMs),
      readyAtMs: this.#progress.readyAtMs(nowMs),
      ...(isDraining && { isStopping: true }),
      running: [...running.values()].map(({ job, worker, sinceMs, fraction, message }) => ({
        ...{ job, worker, sinceMs, fraction, message },
      })),
    });
  }
}
