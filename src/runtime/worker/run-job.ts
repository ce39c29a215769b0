import type { Config } from '../../config/config.ts';
import type { Answer } from '../../core/dispatch/protocol.ts';
import { attemptNumber, jobIndex } from '../../core/ids.ts';
import { decodeJson } from '../../core/json.ts';
import { identityOf } from '../../core/occurrences.ts';
import type { Failure, JobFile } from '../../core/outcome.ts';
import { createReusableRandom, type ReusableRandom, seedOfCommon, seedOfStream } from '../../core/random.ts';
import { encodeRows } from '../../core/rows.ts';
import type { AnyExperiment } from '../../experiment.ts';
import { JobContext } from './context.ts';
import { describeFailure, describeProblem, showValue } from './failure.ts';
import type { JobMessage, WorkerTask } from './messages.ts';
import { keepWorld } from './world.ts';

export interface JobRunner {
  run(job: JobMessage): Promise<Answer>;
  /** The running job's answer when something went wrong outside of its own promise; `undefined` where none is running. */
  blame(thrown: unknown): Answer | undefined;
}

type Verdict =
  | { readonly ok: true; readonly rowsJson: string; readonly files?: readonly JobFile[] }
  | { readonly ok: false; readonly failure: Failure };

interface Running {
  readonly job: JobMessage;
  readonly context: JobContext;
  readonly startedAtMs: number;
  readonly startedMs: number;
}

/** Runs jobs one after another, each with its generators set anew. */
export class ExperimentRunner implements JobRunner {
  readonly #experiment: AnyExperiment;
  readonly #task: WorkerTask;
  readonly #worker: number;
  readonly #config: Config;
  readonly #signal: AbortSignal;
  readonly #seedOfCommon: string;
  readonly #stream: ReusableRandom;
  /** `random` as jobs receive it: the common one, or the job's own apart from `stream`. */
  readonly #random: ReusableRandom;
  readonly #restoreWorld: () => void;
  #running: Running | undefined;

  constructor(experiment: AnyExperiment, task: WorkerTask, worker: number, config: Config, signal: AbortSignal) {
    this.#experiment = experiment;
    this.#task = task;
    this.#worker = worker;
    this.#config = config;
    this.#signal = signal;
    this.#seedOfCommon = seedOfCommon(task.seed);
    this.#stream = createReusableRandom(() => task.seed);
    this.#random = createReusableRandom(() => this.#seedOfCommon);
    this.#restoreWorld = keepWorld(task.mathRandom === 'job' ? this.#stream.random : Math.random);
  }

  async run(job: JobMessage): Promise<Answer> {
    const context = new JobContext(this.#task, this.#worker, job, this.#stream.random, this.#signal);
    const running = { job, context, startedAtMs: Date.now(), startedMs: performance.now() };
    this.#running = running;
    const verdict = await this.#try(running);
    this.#running = undefined;
    return answer(running, verdict);
  }

  blame(thrown: unknown): Answer | undefined {
    const running = this.#running;
    if (running === undefined) return undefined;
    const { cause, message, stack } = describeFailure(thrown);
    return answer(running, {
      ok: false,
      failure: { cause, message: `outside of the job's promise: ${message}`, stack },
    });
  }

  async #try({ job, context }: Running): Promise<Verdict> {
    try {
      const returned = this.#call(job, context);
      return this.#store(isThenable(returned) ? await returned : returned, context);
    } catch (thrown) {
      context.settleFiles(false);
      return { ok: false, failure: describeFailure(thrown) };
    }
  }

  #store(result: unknown, context: JobContext): Verdict {
    const rows = encodeRows(result, this.#experiment.columns);
    const settled = context.settleFiles(rows.ok);
    if (rows.ok && settled.ok) return settled.files === undefined ? rows : { ...rows, files: settled.files };
    if (!rows.ok) context.log.error({ returned: showValue(result) }, rows.problem);
    const problem = rows.ok ? (settled.ok ? '' : settled.problem) : rows.problem;
    return { ok: false, failure: describeProblem('unstorable', problem) };
  }

  #call([, , argsJson, occurrence]: JobMessage, context: JobContext): unknown {
    this.#restoreWorld();
    const seedOf = (): string => seedOfStream(this.#task.seed, identityOf(argsJson, occurrence));
    this.#stream.reset(seedOf);
    this.#random.reset(() => this.#seedOfCommon);
    const random = this.#task.stream === 'per-job' ? this.#stream.random : this.#random.random;
    const args = decodeJson(argsJson);
    return this.#experiment.job(...(Array.isArray(args) ? args : [args]), random, this.#config, context);
  }
}

function answer({ job: [index, attempt], startedAtMs, startedMs }: Running, verdict: Verdict): Answer {
  const runMs = Math.max(0, performance.now() - startedMs);
  return {
    job: jobIndex(index),
    attempt: attemptNumber(attempt),
    startedAtMs,
    endedAtMs: Math.max(startedAtMs, Date.now()),
    runMs: Math.round(runMs * 1_000) / 1_000,
    ...verdict,
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
