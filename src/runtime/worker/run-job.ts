import type { Config } from '../../config/config.ts';
import { attemptNumber, jobIndex } from '../../core/ids.ts';
import { identityOf } from '../../core/occurrences.ts';
import type { Failure } from '../../core/outcome.ts';
import {
  createReusableRandom,
  type ReusableRandom,
  type SeedSource,
  seedOfCommon,
  seedOfStream,
} from '../../core/random.ts';
import { encodeRows } from '../../core/rows.ts';
import type { AnyExperiment } from '../../experiment.ts';
import { quoteCell } from '../quote-cell.ts';
import { JobContext, lazyLog, type Surroundings } from './context.ts';
import { describeFailure, describeProblem, showValue } from './failure.ts';
import { handedBehind, type JobCall } from './job-call.ts';
import type { SettledFiles } from './job-files.ts';
import type { WorkerTask } from './messages.ts';
import type { Outbox } from './outbox.ts';
import { keepWorld } from './world.ts';

/** Where a job's answer goes. */
export type AnswerSink = Pick<Outbox, 'succeeded' | 'failed'>;

export interface JobRunner {
  /** Runs one job to its answer; a promise only where the job returned one. */
  run(job: JobCall): undefined | Promise<undefined>;
  /** When the last job ended, by `performance.now()`. */
  readonly endedMs: number;
  /** Compares its clock with the time of day; often, for that may be set. */
  setClock(): void;
  /** Answers for the running job when something went wrong outside of its own promise; says whether one was running. */
  blame(thrown: unknown): boolean;
}

/** The seed of a job's own stream. */
class StreamSeed implements SeedSource {
  readonly #runSeed: string;
  readonly #job: JobCall;
  #seed: string | undefined;

  constructor(runSeed: string, job: JobCall) {
    this.#runSeed = runSeed;
    this.#job = job;
  }

  get seed(): string {
    this.#seed ??= seedOfStream(this.#runSeed, identityOf(this.#job.argsJson, this.#job.occurrence));
    return this.#seed;
  }
}

/** Shorter jobs were not suspended for a time worth telling. */
const suspendedMinMs = 1_000;
const microsPerMs = 1_000;

/** Runs jobs one after another, each with its generators set anew. */
export class ExperimentRunner implements JobRunner {
  readonly #experiment: AnyExperiment;
  readonly #task: WorkerTask;
  readonly #config: Config;
  readonly #around: Surroundings;
  readonly #answers: AnswerSink;
  readonly #seedOfCommon: SeedSource;
  readonly #stream: ReusableRandom;
  /** `random` as jobs receive it: the common one, or the job's own apart from `stream`. */
  readonly #random: ReusableRandom;
  readonly #restoreWorld: () => void;
  /** Of the job that is running; `undefined` from its answer on. */
  #context: JobContext | undefined;
  /** On the clock that never goes back, which stands still while the machine is suspended. */
  #startedMs = 0;
  /** Time of day. */
  #startedAtMs = 0;
  #dayOffsetMs = 0;
  endedMs = 0;

  constructor(
    experiment: AnyExperiment,
    task: WorkerTask,
    worker: number,
    config: Config,
    signal: AbortSignal,
    answers: AnswerSink,
  ) {
    this.#experiment = experiment;
    this.#task = task;
    this.#config = config;
    this.#answers = answers;
    this.#seedOfCommon = { seed: seedOfCommon(task.seed) };
    this.#stream = createReusableRandom({ seed: task.seed });
    this.#random = createReusableRandom(this.#seedOfCommon);
    this.#around = { task, log: lazyLog(task, worker), stream: this.#stream.random, signal };
    this.#restoreWorld = keepWorld(task.mathRandom === 'job' ? this.#stream.random : Math.random);
    this.setClock();
  }

  run(job: JobCall): undefined | Promise<undefined> {
    const context = new JobContext(this.#around, job);
    this.#startedMs = performance.now();
    this.#startedAtMs = Math.floor(this.#dayOffsetMs + this.#startedMs);
    this.#context = context;
    let returned: unknown;
    try {
      returned = this.#call(job, context);
      if (isThenable(returned)) return this.#wait(job, context, returned);
    } catch (thrown) {
      return this.#refuse(context, thrown);
    }
    return this.#store(job, context, returned);
  }

  setClock(): void {
    this.#dayOffsetMs = Date.now() - performance.now();
  }

  blame(thrown: unknown): boolean {
    const context = this.#context;
    if (context === undefined) return false;
    const { cause, message, stack } = describeFailure(thrown);
    this.#fail(context, { cause, message: `outside of the job's promise: ${message}`, stack }, performance.now());
    return true;
  }

  async #wait(job: JobCall, context: JobContext, returned: PromiseLike<unknown>): Promise<undefined> {
    let result: unknown;
    try {
      result = await returned;
    } catch (thrown) {
      return this.#refuse(context, thrown);
    }
    // An answer that cannot be sent is not the job's failure.
    return this.#store(job, context, result);
  }

  #store(job: JobCall, context: JobContext, result: unknown): undefined {
    const endedMs = performance.now();
    const spelt = encodeRows(result, this.#experiment.columns, quoteCell);
    const settled = settleFiles(context, spelt.ok);
    if (!spelt.ok) {
      logReturned(context, result, spelt.problem);
      return this.#fail(context, describeProblem('unstorable', spelt.problem), endedMs);
    }
    if (!settled.ok) return this.#fail(context, describeProblem('unstorable', settled.problem), endedMs);
    if (this.#context !== context) return undefined;
    this.#context = undefined;
    this.endedMs = endedMs;
    const [startedAtMs, runMicros] = [this.#startedAtMs, this.#runMicros(endedMs)];
    const success = { job, startedAtMs, endedAtMs: this.#endedAtMs(runMicros), runMicros };
    this.#answers.succeeded(success, spelt.rows, settled.files);
    return undefined;
  }

  #refuse(context: JobContext, thrown: unknown): undefined {
    settleFiles(context, false);
    return this.#fail(context, describeFailure(thrown), performance.now());
  }

  /** A job that was answered for already has failed for good. */
  #fail(context: JobContext, failure: Failure, endedMs: number): undefined {
    if (this.#context !== context) return undefined;
    this.#context = undefined;
    this.endedMs = endedMs;
    const { index, attempt } = context;
    const about = { job: jobIndex(index), attempt: attemptNumber(attempt) };
    const runMicros = this.#runMicros(endedMs);
    const times = {
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#endedAtMs(runMicros),
      runMs: runMicros / microsPerMs,
    };
    this.#answers.failed({ ...about, ...times, failure });
    return undefined;
  }

  #runMicros(endedMs: number): number {
    return Math.max(0, Math.round((endedMs - this.#startedMs) * microsPerMs));
  }

  /** The clock stands still while the machine is suspended: of a longer job the time of day says when it ended. */
  #endedAtMs(runMicros: number): number {
    const runMs = runMicros / microsPerMs;
    const endedAtMs = this.#startedAtMs + Math.round(runMs);
    return runMs < suspendedMinMs ? endedAtMs : Math.max(this.#startedAtMs, Date.now());
  }

  #call(job: JobCall, context: JobContext): unknown {
    this.#restoreWorld();
    this.#stream.reset(new StreamSeed(this.#task.seed, job));
    this.#random.reset(this.#seedOfCommon);
    const { args } = job;
    const from = args.length - handedBehind;
    args[from] = this.#task.stream === 'per-job' ? this.#stream.random : this.#random.random;
    args[from + 1] = this.#config;
    args[from + 2] = context;
    return this.#experiment.job(...args);
  }
}

/** For whoever looks into the log. A job may have replaced what the log needs (`JSON.stringify`): then there is no such line. */
function logReturned(context: JobContext, result: unknown, problem: string): void {
  try {
    context.log.error({ returned: showValue(result) }, problem);
  } catch {
    return;
  }
}

/** A file that cannot be moved is told as the job's failure. */
function settleFiles(context: JobContext, succeeded: boolean): SettledFiles {
  try {
    return context.settleFiles(succeeded);
  } catch (thrown) {
    return { ok: false, problem: describeFailure(thrown).message };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
