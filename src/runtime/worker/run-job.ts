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
import { JobContext, lazyLog, type WorkerWide } from './context.ts';
import { describeFailure, describeProblem, showValue } from './failure.ts';
import type { JobCall } from './job-call.ts';
import type { SettledFiles } from './job-files.ts';
import type { WorkerTask } from './messages.ts';
import type { Outbox } from './outbox.ts';
import { keepWorld } from './world.ts';

// A job may replace what these hold.
const { floor, max, round } = Math;
const { now: timeOfDay } = Date;
const now = performance.now.bind(performance);

/** Where a job's answer goes. */
export type AnswerSink = Pick<Outbox, 'succeeded' | 'failed'>;

export interface JobRunner {
  /** Runs one job to its answer; a promise only where the job returned one. */
  run(job: JobCall): undefined | Promise<undefined>;
  /** The job that is running. */
  readonly running: number | undefined;
  /** When the last job ended, by `performance.now()`. */
  readonly endedMs: number;
  /** Compares its clock with the time of day; often, for that may be set. */
  setClock(): void;
  /** Answers for the running job when something went wrong outside of its own promise; says whether one was running. */
  blame(thrown: unknown): boolean;
}

/** The seed of a job's own stream. (As `LazySeed`, without a closure for each job.) */
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
  readonly #worker: WorkerWide;
  readonly #answers: AnswerSink;
  readonly #commonSeed: SeedSource;
  readonly #stream: ReusableRandom;
  /** `random` as jobs receive it: the common one, or the job's own apart from `stream`. */
  readonly #random: ReusableRandom;
  readonly #restoreWorld: () => void;
  /** Until it is answered for. */
  #running: JobCall | undefined;
  /** On the clock that never goes back, which stands still while the machine is suspended. */
  #startedMs = 0;
  /** Time of day. */
  #startedAtMs = 0;
  #dayOffsetMs = 0;
  endedMs = 0;
  #endedAtMs = 0;
  /** Whole. */
  #runMicros = 0;

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
    this.#commonSeed = { seed: seedOfCommon(task.seed) };
    this.#stream = createReusableRandom({ seed: task.seed });
    this.#random = createReusableRandom(this.#commonSeed);
    this.#worker = { task, log: lazyLog(task, worker), stream: this.#stream.random, signal };
    this.#restoreWorld = keepWorld(task.mathRandom === 'job' ? this.#stream.random : Math.random);
    this.setClock();
  }

  get running(): number | undefined {
    return this.#running?.index;
  }

  run(job: JobCall): undefined | Promise<undefined> {
    const context = new JobContext(this.#worker, job);
    this.#restoreWorld();
    this.#stream.reset(new StreamSeed(this.#task.seed, job));
    this.#random.reset(this.#commonSeed);
    const random = this.#task.stream === 'per-job' ? this.#stream.random : this.#random.random;
    const args = job.argsWith(random, this.#config, context);
    this.#running = job;
    this.#startedMs = now();
    this.#startedAtMs = floor(this.#dayOffsetMs + this.#startedMs);
    let returned: unknown;
    try {
      returned = this.#experiment.job(...args);
      if (isThenable(returned)) return this.#wait(job, context, returned);
    } catch (thrown) {
      return this.#refuse(job, context, thrown);
    }
    return this.#store(job, context, returned);
  }

  setClock(): void {
    this.#dayOffsetMs = timeOfDay() - now();
  }

  blame(thrown: unknown): boolean {
    const job = this.#running;
    if (job === undefined) return false;
    this.#stopClock();
    const failure = describeFailure(thrown);
    this.#fail(job, { ...failure, message: `outside of the job's promise: ${failure.message}` });
    return true;
  }

  async #wait(job: JobCall, context: JobContext, returned: PromiseLike<unknown>): Promise<undefined> {
    let result: unknown;
    try {
      result = await returned;
    } catch (thrown) {
      return this.#refuse(job, context, thrown);
    }
    // An answer that cannot be sent is not the job's failure.
    return this.#store(job, context, result);
  }

  #store(job: JobCall, context: JobContext, result: unknown): undefined {
    if (this.#running === job) this.#stopClock();
    const spelt = encodeRows(result, this.#experiment.columns, quoteCell);
    const settled = settleFiles(context, spelt.ok);
    if (!spelt.ok) {
      logReturned(context, result, spelt.problem);
      return this.#fail(job, describeProblem('unstorable', spelt.problem));
    }
    if (!settled.ok) return this.#fail(job, describeProblem('unstorable', settled.problem));
    if (this.#running !== job) return undefined;
    this.#running = undefined;
    const [startedAtMs, endedAtMs, runMicros] = [this.#startedAtMs, this.#endedAtMs, this.#runMicros];
    this.#answers.succeeded({ job, startedAtMs, endedAtMs, runMicros }, spelt.rows, settled.files);
    return undefined;
  }

  #refuse(job: JobCall, context: JobContext, thrown: unknown): undefined {
    if (this.#running === job) this.#stopClock();
    settleFiles(context, false);
    return this.#fail(job, describeFailure(thrown));
  }

  /** The first answer counts: a promise may come to its end when the job was answered for already. */
  #fail(job: JobCall, failure: Failure): undefined {
    if (this.#running !== job) return undefined;
    this.#running = undefined;
    const { index, attempt } = job;
    const about = { job: jobIndex(index), attempt: attemptNumber(attempt) };
    const [startedAtMs, endedAtMs] = [this.#startedAtMs, this.#endedAtMs];
    this.#answers.failed({ ...about, startedAtMs, endedAtMs, runMs: this.#runMicros / microsPerMs, failure });
    return undefined;
  }

  /** The clock stands still while the machine is suspended: of a longer job the time of day says when it ended. */
  #stopClock(): void {
    this.endedMs = now();
    this.#runMicros = max(0, round((this.endedMs - this.#startedMs) * microsPerMs));
    const runMs = this.#runMicros / microsPerMs;
    this.#endedAtMs = runMs < suspendedMinMs ? this.#startedAtMs + round(runMs) : max(this.#startedAtMs, timeOfDay());
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
