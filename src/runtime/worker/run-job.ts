import type { Logger } from 'pino';
import type { Config } from '../../config/config.ts';
import { attemptNumber, jobIndex } from '../../core/ids.ts';
import { identityOf } from '../../core/occurrences.ts';
import type { AttemptTimes, Failure } from '../../core/outcome.ts';
import { createReusableRandom, type ReusableRandom, seedOfCommon, seedOfStream } from '../../core/random.ts';
import { encodeRows } from '../../core/rows.ts';
import type { AnyExperiment } from '../../experiment.ts';
import { quoteCell } from '../quote-cell.ts';
import { JobContext, lazyLog } from './context.ts';
import { describeFailure, describeProblem, showValue } from './failure.ts';
import type { JobCall } from './job-call.ts';
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

interface Running {
  readonly job: JobCall;
  readonly context: JobContext;
  /** On the clock that never goes back, which stands still while the machine is suspended. */
  readonly startedMs: number;
  /** Time of day. */
  readonly startedAtMs: number;
}

/** Shorter jobs were not suspended for a time worth telling. */
const suspendedMinMs = 1_000;

/** Runs jobs one after another, each with its generators set anew. */
export class ExperimentRunner implements JobRunner {
  readonly #experiment: AnyExperiment;
  readonly #task: WorkerTask;
  readonly #log: () => Logger;
  readonly #config: Config;
  readonly #signal: AbortSignal;
  readonly #answers: AnswerSink;
  readonly #seedOfCommon: () => string;
  readonly #stream: ReusableRandom;
  /** `random` as jobs receive it: the common one, or the job's own apart from `stream`. */
  readonly #random: ReusableRandom;
  readonly #restoreWorld: () => void;
  #running: Running | undefined;
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
    this.#log = lazyLog(task, worker);
    this.#config = config;
    this.#signal = signal;
    this.#answers = answers;
    const common = seedOfCommon(task.seed);
    this.#seedOfCommon = () => common;
    this.#stream = createReusableRandom(() => task.seed);
    this.#random = createReusableRandom(this.#seedOfCommon);
    this.#restoreWorld = keepWorld(task.mathRandom === 'job' ? this.#stream.random : Math.random);
    this.setClock();
  }

  run(job: JobCall): undefined | Promise<undefined> {
    const context = new JobContext(this.#task, this.#log, job, this.#stream.random, this.#signal);
    const startedMs = performance.now();
    const running = { job, context, startedMs, startedAtMs: Math.floor(this.#dayOffsetMs + startedMs) };
    this.#running = running;
    let returned: unknown;
    try {
      returned = this.#call(job, context);
      if (isThenable(returned)) return this.#wait(running, returned);
    } catch (thrown) {
      return this.#refuse(running, thrown);
    }
    return this.#store(running, returned);
  }

  setClock(): void {
    this.#dayOffsetMs = Date.now() - performance.now();
  }

  blame(thrown: unknown): boolean {
    const running = this.#running;
    if (running === undefined) return false;
    const { cause, message, stack } = describeFailure(thrown);
    return this.#fail(running, { cause, message: `outside of the job's promise: ${message}`, stack }) === undefined;
  }

  async #wait(running: Running, returned: PromiseLike<unknown>): Promise<undefined> {
    let result: unknown;
    try {
      result = await returned;
    } catch (thrown) {
      return this.#refuse(running, thrown);
    }
    // An answer that cannot be sent is not the job's failure.
    return this.#store(running, result);
  }

  #store(running: Running, result: unknown): undefined {
    this.endedMs = performance.now();
    const { runMs, endedAtMs } = timesOf(running, this.endedMs);
    const { job, context, startedAtMs } = running;
    const spelt = encodeRows(result, this.#experiment.columns, quoteCell);
    const settled = settleFiles(context, spelt.ok);
    if (!spelt.ok) {
      logReturned(context, result, spelt.problem);
      return this.#fail(running, describeProblem('unstorable', spelt.problem));
    }
    if (!settled.ok) return this.#fail(running, describeProblem('unstorable', settled.problem));
    if (this.#running !== running) return undefined;
    this.#running = undefined;
    const { index, attempt, argsJson, occurrence } = job;
    const runMicros = Math.round(runMs * 1_000);
    const success = { job: index, attempt, argsJson, occurrence, startedAtMs, endedAtMs, runMicros };
    this.#answers.succeeded(success, spelt.rows, settled.files);
    return undefined;
  }

  #refuse(running: Running, thrown: unknown): undefined {
    settleFiles(running.context, false);
    return this.#fail(running, describeFailure(thrown));
  }

  #fail(running: Running, failure: Failure): undefined {
    if (this.#running !== running) return undefined;
    this.#running = undefined;
    const { index, attempt } = running.job;
    this.endedMs = performance.now();
    const about = { job: jobIndex(index), attempt: attemptNumber(attempt) };
    this.#answers.failed({ ...about, ...timesOf(running, this.endedMs), failure });
    return undefined;
  }

  #call(job: JobCall, context: JobContext): unknown {
    this.#restoreWorld();
    this.#stream.reset(() => seedOfStream(this.#task.seed, identityOf(job.argsJson, job.occurrence)));
    this.#random.reset(this.#seedOfCommon);
    const random = this.#task.stream === 'per-job' ? this.#stream.random : this.#random.random;
    job.args.push(random, this.#config, context);
    return this.#experiment.job(...job.args);
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

function timesOf({ startedMs, startedAtMs }: Running, endedMs: number): AttemptTimes {
  const runMs = Math.max(0, Math.round((endedMs - startedMs) * 1_000) / 1_000);
  const endedAtMs = startedAtMs + Math.round(runMs);
  return { startedAtMs, endedAtMs: runMs < suspendedMinMs ? endedAtMs : Math.max(startedAtMs, Date.now()), runMs };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
