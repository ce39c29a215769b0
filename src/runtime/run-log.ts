import { mkdirSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import type { LoggingSettings } from '../config/settings.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';

/** The log of this machine: everything that happens, and all that jobs print, as JSON lines. */
export class RunLog implements Reporter {
  readonly #stream: RotatingFileStream;
  readonly #logger: Logger;
  #gathered = '';

  constructor(folder: string, settings: LoggingSettings) {
    mkdirSync(folder, { recursive: true });
    this.#stream = createStream(nameOf(settings.fileName, settings.autoZip), {
      path: folder,
      size: `${settings.maxFileSizeBytes}B`,
      rotate: Math.max(1, settings.backupCount),
      ...(settings.autoZip && { compress: 'gzip' as const }),
    });
    // A log that cannot be written must not end a run.
    this.#stream.on('error', () => undefined);
    this.#stream.on('warning', () => undefined);
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
    if (this.#gathered !== '') this.#stream.write(this.#gathered);
    this.#gathered = '';
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
        for (const outcome of event.outcomes) this.#logOutcome(time, outcome);
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

  #logOutcome(time: number, outcome: Outcome): void {
    const { job, worker, attempt, runMs } = outcome;
    const about = { time, type: 'job-settled', job, worker, attempt, runMs };
    if (outcome.status === 'failed') this.#logger.error({ ...about, ...outcome.failure });
    else this.#logger.debug(about);
  }

  close(): Promise<void> {
    this.#flush();
    return new Promise((resolve) => this.#stream.end(() => resolve()));
  }
}

/** `run.log`, then `run.log.1.gz`, … */
function nameOf(fileName: string, zipped: boolean): (index: number | Date | null) => string {
  return (index) => (index === null ? fileName : `${fileName}.${String(index)}${zipped ? '.gz' : ''}`);
}
