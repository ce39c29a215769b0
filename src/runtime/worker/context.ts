import { type Logger, pino } from 'pino';
import { identityOf } from '../../core/occurrences.ts';
import type { Random } from '../../core/random.ts';
import type { Checkpoint, Context } from '../../experiment.ts';
import { assetsFolder } from '../assets/unpacked-folder.ts';
import { checkpointPath } from '../run-folder.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { JobCall } from './job-call.ts';
import { JobFiles, type SettledFiles } from './job-files.ts';
import { markLog, markProgress } from './marks.ts';
import type { WorkerTask } from './messages.ts';

/** How far a value may lie outside 0…base by rounding errors, relative to base. */
const tolerance = 1e-9;

/** What all jobs of a worker have in common. */
export interface WorkerWide {
  readonly task: WorkerTask;
  readonly log: () => Logger;
  readonly stream: Random;
  readonly signal: AbortSignal;
}

/** The context of one attempt. What costs something is made when it is first asked for. */
export class JobContext implements Context {
  readonly index: number;
  readonly attempt: number;
  readonly stream: Random;
  readonly signal: AbortSignal;
  readonly #worker: WorkerWide;
  readonly #job: JobCall;
  #progress: Context['progress'] | undefined;
  #log: Logger | undefined;
  #checkpoint: Checkpoint | undefined;
  #file: Context['file'] | undefined;
  #files: JobFiles | undefined;

  constructor(worker: WorkerWide, job: JobCall) {
    this.index = job.index;
    this.attempt = job.attempt;
    this.stream = worker.stream;
    this.signal = worker.signal;
    this.#worker = worker;
    this.#job = job;
  }

  get progress(): Context['progress'] {
    this.#progress ??= {
      report: (value, base = 100, message = undefined) => reportProgress(this.index, value, base, message),
    };
    return this.#progress;
  }

  /** Not a method: `{ file }` is taken out of the context. */
  get file(): Context['file'] {
    this.#file ??= (name) => {
      this.#files ??= new JobFiles(this.#worker.task.runFolder, this.index, this.attempt);
      return this.#files.path(name);
    };
    return this.#file;
  }

  get assets(): string {
    return assetsFolder();
  }

  get log(): Logger {
    this.#log ??= this.#worker.log().child({ job: this.index, attempt: this.attempt });
    return this.#log;
  }

  get checkpoint(): Checkpoint {
    const identity = identityOf(this.#job.argsJson, this.#job.occurrence);
    const path = checkpointPath(this.#worker.task.runFolder, identity);
    this.#checkpoint ??= openCheckpoint(path, (message) => this.log.warn(message));
    return this.#checkpoint;
  }

  /** Moves the attempt's files to their place, or removes those of a failed one. */
  settleFiles(succeeded: boolean): SettledFiles {
    return this.#files === undefined ? noFiles : this.#files.settle(succeeded);
  }
}

/** A job may reach it through its context. */
const noFiles: SettledFiles = Object.freeze({ ok: true, files: undefined });

/** Made when a job first logs; jobs get children of it: a logger of its own costs a job a millisecond. */
export function lazyLog(task: WorkerTask, worker: number): () => Logger {
  let log: Logger | undefined;
  return () => {
    log ??= pino({ level: task.logLevel, base: { worker } }, { write: markLog });
    return log;
  };
}

function reportProgress(index: number, value: number, base: number, message: string | undefined): void {
  if (!(base > 0) || !(value >= -tolerance * base && value <= base * (1 + tolerance))) {
    throw new RangeError(`progress.report(value, base) takes 0 ≤ value ≤ base, got ${value} of ${base}`);
  }
  markProgress(index, Math.min(1, Math.max(0, value / base)), message);
}
