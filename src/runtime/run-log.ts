import { type Logger, pino } from 'pino';
import type { LoggingSettings } from '../config/settings.ts';
import { escapeJsonLine } from '../core/escape-text.ts';
import { type JobIndex, jobIndex, type WorkerId } from '../core/ids.ts';
import type { Block, FailedOutcome } from '../core/outcome.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { JobLogs } from './job-logs.ts';
import { LogFile } from './log-file.ts';
import { measureClock } from './measure-clock.ts';
import { jobLogsPath, workerLogsPath } from './run-folder.ts';

/** The log of this machine: everything that happens, and all that jobs print, as JSON lines. Never ends a run. */
export class RunLog implements Reporter {
  readonly #folder: string;
  readonly #settings: LoggingSettings;
  readonly #logger: Logger;
  readonly #file: LogFile;
  /** `per_process` */
  readonly #workers = new Map<WorkerId, LogFile>();
  readonly #closing = new Set<Promise<void>>();
  /** `per_job` */
  readonly #jobs: JobLogs | undefined;
  /** Whom the line is about that is being written. */
  #worker: WorkerId | undefined;
  #job: JobIndex | undefined;

  constructor(folder: string, settings: LoggingSettings) {
    this.#folder = folder;
    this.#settings = settings;
    this.#file = new LogFile(folder, settings);
    this.#jobs = settings.perJob === 'no' ? undefined : new JobLogs(jobLogsPath(folder), settings.perJob);
    this.#logger = pino(
      { level: settings.level, base: null, timestamp: false },
      { write: (line) => this.#write(line) },
    );
  }

  /** Who prints the file on a terminal is as safe as who asks `logs`. */
  #write(json: string): void {
    const line = escapeJsonLine(json);
    this.#file.write(line);
    if (this.#worker !== undefined && this.#settings.perProcess) this.#fileOf(this.#worker).write(line);
    if (this.#job !== undefined) this.#jobs?.add(this.#job, line);
  }

  #fileOf(worker: WorkerId): LogFile {
    const known = this.#workers.get(worker);
    if (known !== undefined) return known;
    const file = new LogFile(workerLogsPath(this.#folder), { ...this.#settings, fileName: `worker-${worker}.log` });
    this.#workers.set(worker, file);
    return file;
  }

  on(event: RunEvent): void {
    this.#worker = 'worker' in event ? event.worker : undefined;
    this.#job = 'job' in event ? event.job : undefined;
    this.#log(event);
    if (event.type === 'worker-ended') this.#endFileOf(event.worker);
    if (event.type !== 'jobs-settled' || this.#jobs === undefined) return;
    for (const { jobs } of event.blocks) this.#jobs.succeeded(jobs);
    for (const { job } of event.failures) this.#jobs.failed(job);
  }

  /** A run may have thousands of workers, one after the other: their files do not stay open. */
  #endFileOf(worker: WorkerId): void {
    const file = this.#workers.get(worker);
    if (file === undefined) return;
    this.#workers.delete(worker);
    const closing = file.close().then(() => void this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #log(event: RunEvent): void {
    const { atMs, type } = event;
    const time = Math.round(atMs);
    switch (event.type) {
      case 'job-log':
        // Already a line of pino's, from the worker, which knows its job best.
        this.#job = jobOf(event.line) ?? event.job;
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
      case 'run-started':
        this.#logger.info({ time, ...event, ...measureClock(this.#folder) });
        break;
      default:
        this.#logger.info({ time, ...event });
    }
  }

  #logBlock(time: number, { worker, jobs, attempt, sumMs, maxMs }: Block): void {
    this.#worker = worker;
    this.#logger.debug({ time, type: 'jobs-succeeded', worker, attempt, jobs, sumMs, maxMs });
  }

  #logFailure(time: number, { job, worker, attempt, runMs, failure }: FailedOutcome): void {
    this.#worker = worker;
    this.#job = job;
    this.#logger.error({ time, type: 'job-failed', job, worker, attempt, runMs, ...failure });
  }

  async close(): Promise<void> {
    this.#jobs?.close();
    await Promise.all([this.#file, ...this.#workers.values()].map((file) => file.close()));
    await Promise.all(this.#closing);
  }
}

function jobOf(line: string): JobIndex | undefined {
  const job = /^\{"level":\d+,"time":\d+,"worker":\d+,"job":(\d+),/.exec(line)?.[1];
  return job === undefined ? undefined : jobIndex(Number(job));
}
