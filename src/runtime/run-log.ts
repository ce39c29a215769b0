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
  #gathered = '';

  constructor(folder: string, settings: LoggingSettings) {
    this.#folder = folder;
    this.#settings = settings;
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
    if (this.#gathered === '') return;
    if (this.#stream === undefined && performance.now() - this.#brokenAtMs > reopenAfterMs) this.#stream = this.#open();
    this.#stream?.write(this.#gathered);
    this.#gathered = '';
  }

  #open(): RotatingFileStream {
    const { fileName, autoZip, maxFileSizeBytes, backupCount } = this.#settings;
    const stream = createStream(nameOf(fileName, autoZip), {
      path: this.#folder,
      size: `${maxFileSizeBytes}B`,
      rotate: Math.max(1, backupCount),
      ...(autoZip && { compress: 'gzip' as const }),
    });
    // A stream that failed once is dead: another takes its place after a while.
    stream.on('error', () => {
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.#brokenAtMs = performance.now();
    });
    stream.on('warning', () => undefined);
    return stream;
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

  close(): Promise<void> {
    this.#flush();
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      stream.once('error', () => resolve());
      stream.end(() => resolve());
    });
  }
}

/** `run.log`, then `run.log.1.gz`, … */
function nameOf(fileName: string, zipped: boolean): (index: number | Date | null) => string {
  return (index) => (index === null ? fileName : `${fileName}.${String(index)}${zipped ? '.gz' : ''}`);
}
