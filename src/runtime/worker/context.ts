import { type Logger, pino } from 'pino';
import { identityOf } from '../../core/occurrences.ts';
import type { Random } from '../../core/random.ts';
import type { Checkpoint, Context } from '../../experiment.ts';
import { checkpointPath } from '../run-folder.ts';
import { openCheckpoint } from './checkpoint.ts';
import { JobFiles, type SettledFiles } from './job-files.ts';
import { markLog, markProgress } from './marks.ts';
import type { JobMessage, WorkerTask } from './messages.ts';

/** How far a value may lie outside 0…base by rounding errors, relative to base. */
const tolerance = 1e-9;

/** The context of one attempt. What costs something is made when it is first asked for. */
export class JobContext implements Context {
  readonly index: number;
  readonly attempt: number;
  readonly stream: Random;
  readonly signal: AbortSignal;
  readonly progress: Context['progress'];
  /** Not a method: `{ file }` is taken out of the context. */
  readonly file: Context['file'];
  readonly #task: WorkerTask;
  readonly #worker: number;
  readonly #identity: () => string;
  #log: Logger | undefined;
  #checkpoint: Checkpoint | undefined;
  #files: JobFiles | undefined;

  constructor(task: WorkerTask, worker: number, job: JobMessage, stream: Random, signal: AbortSignal) {
    const [index, attempt, argsJson, occurrence] = job;
    this.index = index;
    this.attempt = attempt;
    this.stream = stream;
    this.signal = signal;
    this.#task = task;
    this.#worker = worker;
    this.#identity = () => identityOf(argsJson, occurrence);
    this.file = (name) => {
      this.#files ??= new JobFiles(task.runFolder, index, attempt);
      return this.#files.path(name);
    };
    this.progress = { report: (value, base = 100) => reportProgress(index, value, base) };
  }

  get assets(): string | undefined {
    return this.#task.assets;
  }

  get log(): Logger {
    this.#log ??= pino(
      { level: this.#task.logLevel, base: { worker: this.#worker, job: this.index, attempt: this.attempt } },
      { write: markLog },
    );
    return this.#log;
  }

  get checkpoint(): Checkpoint {
    this.#checkpoint ??= openCheckpoint(checkpointPath(this.#task.runFolder, this.#identity()), (message) =>
      this.log.warn(message),
    );
    return this.#checkpoint;
  }

  /** Moves the attempt's files to their place, or removes those of a failed one. */
  settleFiles(succeeded: boolean): SettledFiles {
    return this.#files === undefined ? { ok: true, files: undefined } : this.#files.settle(succeeded);
  }
}

function reportProgress(index: number, value: number, base: number): void {
  if (!(base > 0) || !(value >= -tolerance * base && value <= base * (1 + tolerance))) {
    throw new RangeError(`progress.report(value, base) takes 0 ≤ value ≤ base, got ${value} of ${base}`);
  }
  markProgress(index, Math.min(1, Math.max(0, value / base)));
}
