import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import type { LoggingSettings } from '../config/settings.ts';
import type { Block, FailedOutcome } from '../core/outcome.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';

/** After a write that failed, how long the log is left alone. What happens meanwhile is not logged. */
const reopenAfterMs = 1_000;

/** The log of this machine: everything that happens, and all that jobs print, as JSON lines. Never ends a run. */
export class RunLog implements Reporter {
  readonly #folder: string;
  readonly #settings: LoggingSettings;
  readonly #logger: Logger;
  #stream: RotatingFileStream | undefined;
  #brokenAtMs = Number.NEGATIVE_INFINITY;
  /** Larger than the setting while the file cannot be rotated. */
  #rotateAtBytes: number;
  #gathered = '';
  /** What the stream is writing: one piece at a time, so that it is known which were written when it fails. */
  #inHand = '';
  #onFree: () => void = () => undefined;

  constructor(folder: string, settings: LoggingSettings) {
    this.#folder = folder;
    this.#settings = settings;
    this.#rotateAtBytes = settings.maxFileSizeBytes;
    this.#logger = pino(
      { level: settings.level, base: null, timestamp: false },
      { write: (line) => this.#write(line) },
    );
  }

  /** Lines of one moment go to the file together: a job may print a million of them. */
  #write(line: string): void {
    if (this.#gathered === '') setImmediate(() => this.#flush());
    this.#gathered += line;
  }

  #flush(): void {
    if (this.#gathered === '' || this.#inHand !== '') return;
    if (this.#stream === undefined && performance.now() - this.#brokenAtMs > reopenAfterMs) this.#stream = this.#open();
    if (this.#stream !== undefined) this.#inHand = this.#gathered;
    this.#gathered = '';
    this.#stream?.write(this.#inHand, (error) => {
      if (!error) this.#free();
    });
  }

  #free(): void {
    this.#inHand = '';
    this.#flush();
    this.#onFree();
  }

  #open(): RotatingFileStream {
    const { fileName, autoZip, backupCount } = this.#settings;
    const stream = createStream(nameOf(fileName, autoZip), {
      path: this.#folder,
      size: `${this.#rotateAtBytes}B`,
      rotate: Math.max(1, backupCount),
      ...(autoZip && { compress: 'gzip' as const }),
    });
    let [wasOpen, isRotating] = [false, false];
    stream.on('open', () => {
      wasOpen = true;
    });
    stream.on('rotation', () => {
      isRotating = true;
    });
    stream.on('rotated', () => {
      isRotating = false;
      this.#rotateAsSet(stream);
    });
    // A stream that failed once is dead: another takes its place, at once or after a while.
    stream.on('error', () => {
      if (this.#stream === stream) this.#stream = undefined;
      if (isRotating) this.#rotateLater();
      else this.#brokenAtMs = performance.now();
      // It rotates after it has written, but for a file that was too large when it was opened.
      if (isRotating && !wasOpen) this.#gathered = this.#inHand + this.#gathered;
      this.#free();
    });
    stream.on('warning', () => undefined);
    return stream;
  }

  /** Somebody holds the file (Windows), or its place is taken: it grows on, and is tried again after as much again. */
  #rotateLater(): void {
    const { fileName, maxFileSizeBytes } = this.#settings;
    const bytes = statSync(join(this.#folder, fileName), { throwIfNoEntry: false })?.size ?? 0;
    this.#rotateAtBytes = bytes + maxFileSizeBytes;
  }

  #rotateAsSet(stream: RotatingFileStream): void {
    const { maxFileSizeBytes } = this.#settings;
    if (this.#rotateAtBytes === maxFileSizeBytes) return;
    this.#rotateAtBytes = maxFileSizeBytes;
    this.#stream = undefined;
    stream.end();
  }

  on(event: RunEvent): void {
    const { atMs, type } = event;
    const time = Math.round(atMs);
    switch (event.type) {
      case 'job-log':
        // Already a line of pino's, from the worker.
        this.#write(`${event.line}\n`);
        break;
      case 'jobs-settled':
        for (const block of event.blocks) this.#logBlock(time, block);
        for (const failure of event.failures) this.#logFailure(time, failure);
        break;
      case 'job-output':
        this.#logger.info({ time, type, worker: event.worker, job: event.job, stream: event.stream }, event.text);
        break;
      case 'job-progress':
      case 'job-started':
        this.#logger.trace({ time, ...event });
        break;
      case 'job-retried':
      case 'warning':
        this.#logger.warn({ time, ...event });
        break;
      default:
        this.#logger.info({ time, ...event });
    }
  }

  #logBlock(time: number, { worker, jobs, attempt, sumMs, maxMs }: Block): void {
    this.#logger.debug({ time, type: 'jobs-succeeded', worker, attempt, jobs, sumMs, maxMs });
  }

  #logFailure(time: number, { job, worker, attempt, runMs, failure }: FailedOutcome): void {
    this.#logger.error({ time, type: 'job-failed', job, worker, attempt, runMs, ...failure });
  }

  async close(): Promise<void> {
    this.#flush();
    while (this.#inHand !== '') {
      await new Promise<void>((resolve) => {
        this.#onFree = resolve;
      });
    }
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return;
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve());
      stream.end(() => resolve());
    });
  }
}

/** `run.log`, then `run.log.1.gz`, … */
function nameOf(fileName: string, zipped: boolean): (index: number | Date | null) => string {
  return (index) => (index === null ? fileName : `${fileName}.${String(index)}${zipped ? '.gz' : ''}`);
}
