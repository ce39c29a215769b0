import type { Config } from '../../config/config.ts';
import type { Answer } from '../../core/dispatch/protocol.ts';
import { attemptNumber, jobIndex } from '../../core/ids.ts';
import { decodeJson } from '../../core/json.ts';
import { identityOf } from '../../core/occurrences.ts';
import { createReusableRandom, type ReusableRandom, seedOfCommon, seedOfStream } from '../../core/random.ts';
import { encodeRows } from '../../core/rows.ts';
import type { AnyExperiment } from '../../experiment.ts';
import { JobContext } from './context.ts';
import { describeFailure } from './failure.ts';
import type { JobMessage, WorkerTask } from './messages.ts';

export interface JobRunner {
  run(job: JobMessage): Promise<Answer>;
}

type Verdict =
  | { readonly ok: true; readonly rowsJson: string }
  | { readonly ok: false; readonly failure: ReturnType<typeof describeFailure> };

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

  constructor(experiment: AnyExperiment, task: WorkerTask, worker: number, config: Config, signal: AbortSignal) {
    this.#experiment = experiment;
    this.#task = task;
    this.#worker = worker;
    this.#config = config;
    this.#signal = signal;
    this.#seedOfCommon = seedOfCommon(task.seed);
    this.#stream = createReusableRandom(() => task.seed);
    this.#random = createReusableRandom(() => this.#seedOfCommon);
    if (task.mathRandom === 'job') Math.random = this.#stream.random;
  }

  async run(job: JobMessage): Promise<Answer> {
    const [index, attempt] = job;
    const context = new JobContext(this.#task, this.#worker, job, this.#stream.random, this.#signal);
    const startedAtMs = Date.now();
    const startedMs = performance.now();
    const verdict = await this.#try(job, context);
    const runMs = Math.max(0, performance.now() - startedMs);
    const times = {
      startedAtMs,
      endedAtMs: Math.max(startedAtMs, Date.now()),
      runMs: Math.round(runMs * 1_000) / 1_000,
    };
    return { job: jobIndex(index), attempt: attemptNumber(attempt), ...times, ...verdict };
  }

  async #try(job: JobMessage, context: JobContext): Promise<Verdict> {
    try {
      const returned = this.#call(job, context);
      const result = isThenable(returned) ? await returned : returned;
      const rows = encodeRows(result, this.#experiment.columns);
      context.settleFiles(rows.ok);
      return rows.ok ? rows : { ok: false, failure: { cause: 'unstorable', message: rows.problem, stack: '' } };
    } catch (thrown) {
      context.settleFiles(false);
      return { ok: false, failure: describeFailure(thrown) };
    }
  }

  #call([, , argsJson, occurrence]: JobMessage, context: JobContext): unknown {
    const seedOf = (): string => seedOfStream(this.#task.seed, identityOf(argsJson, occurrence));
    this.#stream.reset(seedOf);
    this.#random.reset(() => this.#seedOfCommon);
    const random = this.#task.stream === 'per-job' ? this.#stream.random : this.#random.random;
    const args = decodeJson(argsJson);
    return this.#experiment.job(...(Array.isArray(args) ? args : [args]), random, this.#config, context);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
