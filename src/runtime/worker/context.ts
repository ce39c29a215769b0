import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { identityOf } from '../../core/occurrences.ts';
import type { Random } from '../../core/random.ts';
import type { Checkpoint, Context } from '../../experiment.ts';
import { checkpointPath, draftFilesPath, filesPath } from '../run-folder.ts';
import { openCheckpoint } from './checkpoint.ts';
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
  readonly #task: WorkerTask;
  readonly #worker: number;
  readonly #identity: () => string;
  #log: Logger | undefined;
  #checkpoint: Checkpoint | undefined;
  #files: string | undefined;

  constructor(task: WorkerTask, worker: number, job: JobMessage, stream: Random, signal: AbortSignal) {
    const [index, attempt, argsJson, occurrence] = job;
    this.index = index;
    this.attempt = attempt;
    this.stream = stream;
    this.signal = signal;
    this.#task = task;
    this.#worker = worker;
    this.#identity = () => identityOf(argsJson, occurrence);
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
    this.#checkpoint ??= openCheckpoint(checkpointPath(this.#task.runFolder, this.#identity()));
    return this.#checkpoint;
  }

  file(name: string): string {
    if (!/^[^/\\:*?"<>|]+$/.test(name) || name.startsWith('.')) {
      throw new RangeError(`context.file takes a plain file name such as 'field.bin', got ${JSON.stringify(name)}`);
    }
    if (this.#files === undefined) {
      this.#files = draftFilesPath(this.#task.runFolder, this.index, this.attempt);
      rmSync(this.#files, { recursive: true, force: true });
      mkdirSync(this.#files, { recursive: true });
    }
    return join(this.#files, name);
  }

  /** Moves the attempt's files to their place, or removes those of a failed one. */
  settleFiles(succeeded: boolean): void {
    if (this.#files === undefined) return;
    const place = filesPath(this.#task.runFolder, this.index);
    rmSync(succeeded ? place : this.#files, { recursive: true, force: true });
    if (succeeded) renameSync(this.#files, place);
  }
}

function reportProgress(index: number, value: number, base: number): void {
  if (!(base > 0) || !(value >= -tolerance * base && value <= base * (1 + tolerance))) {
    throw new RangeError(`progress.report(value, base) takes 0 ≤ value ≤ base, got ${value} of ${base}`);
  }
  markProgress(index, Math.min(1, Math.max(0, value / base)));
}
