import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { configFromSnapshot } from '../../config/config.ts';
import { unreachable } from '../../core/assert.ts';
import { gatherMs } from '../../core/dispatch/policy.ts';
import { followRecipe, type Jobs } from '../../core/recipe.ts';
import type { AnyExperiment } from '../../experiment.ts';
import { killGroup } from './end-all.ts';
import { describeFailure } from './failure.ts';
import { type JobCall, JobCalls } from './job-call.ts';
import { markOutput } from './mark-output.ts';
import { canMark, markDisconnect, markInitialising } from './marks.ts';
import { type FromWorker, nodeOptionsVariable, type ToWorker, type WorkerTask } from './messages.ts';
import { Outbox } from './outbox.ts';
import { ExperimentRunner, type JobRunner } from './run-job.ts';
import { startWatcher, type Watcher } from './watcher.ts';

/** A process whose job cut the connection ends after this long. */
const disconnectedMs = 200;

/** The program in its worker role: takes jobs from its parent, one at a time, until it is told to leave. */
export function serve(experiment: AnyExperiment): void {
  // The parent decides what a Ctrl-C means; a stray signal to the group must not end a job. Slurm sends TERM to all processes.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined);
  restoreNodeOptions();
  writeAtOnce();
  // A job that waits for nothing that could happen must not let the process come to its end.
  setInterval(() => undefined, 2 ** 30);
  new WorkerServer(experiment).listen();
}

class WorkerServer {
  readonly #experiment: AnyExperiment;
  readonly #queue: JobCalls[] = [];
  // Kept from the beginning: a job may put something else in their places.
  readonly #tell = process.send?.bind(process);
  readonly #exit = process.exit.bind(process);
  readonly #listeners = {
    message: (message: ToWorker): void => this.#take(message),
    disconnect: (): void => this.#leaveDisconnected(),
    uncaughtException: (thrown: unknown): void => this.#blame(thrown),
    unhandledRejection: (thrown: unknown): void => this.#blame(thrown),
  };
  readonly #stop = new AbortController();
  #watching: Watcher | undefined;
  #runner: JobRunner | undefined;
  #outbox: Outbox | undefined;
  #pool: Jobs | undefined;
  #isReady = false;
  #isBusy = false;
  #isOver = false;
  #lastSentMs = 0;

  constructor(experiment: AnyExperiment) {
    this.#experiment = experiment;
    markOutput(() => this.#runner?.running);
    // A busy loop can read it, too.
    Object.defineProperty(this.#stop.signal, 'aborted', { get: () => this.#watch().isAborted() });
  }

  /**
   * Watches from the moment on from which the experiment's code may keep this thread busy. Its thread takes longer to start
   * than all the rest of a worker: the first job has begun by then.
   */
  #watch(): Watcher {
    if (this.#watching === undefined) {
      this.#watching = startWatcher();
      this.#watching.onAbort(() => this.#stop.abort());
    }
    return this.#watching;
  }

  /** Hears its parent and the errors that nobody catches; again, if a job took away all listeners. */
  listen(): void {
    for (const [event, listener] of Object.entries(this.#listeners)) {
      if (process.listenerCount(event) === 0) process.on(event, listener);
    }
  }

  /**
   * Something was thrown outside of every promise that is waited for (in a timer, an event): the job that is running
   * answers for it, and this process, whose state nobody knows now, leaves.
   */
  #blame(thrown: unknown): void {
    if (this.#isOver) return;
    if (!this.#isReady) {
      this.#cannotStart(thrown);
      return;
    }
    if (this.#runner?.blame(thrown) !== true)
      process.stderr.write(`uncaught, while no job was running: ${describeFailure(thrown).stack}\n`);
    this.#leave(1);
  }

  #take(message: ToWorker): void {
    switch (message.type) {
      case 'begin':
        this.#begin(message.worker, message.task);
        break;
      case 'jobs':
        this.#queue.push(new JobCalls(message, this.#pool));
        this.#watch();
        if (!this.#isBusy) this.#work();
        break;
      case 'leave':
        this.#exit(0);
        break;
      default:
        unreachable(message);
    }
  }

  #begin(worker: number, task: WorkerTask): void {
    if (task.memoryLimitBytes !== undefined) this.#watch().limitMemory(task.memoryLimitBytes);
    const config = configFromSnapshot(task.config);
    this.#pool = task.recipe && followRecipe(task.recipe);
    this.#outbox = new Outbox(worker, task, this.#experiment.columns?.length);
    this.#runner = new ExperimentRunner(this.#experiment, task, worker, config, this.#stop.signal, this.#outbox);
    markInitialising();
    if (this.#experiment.initializeWorker !== undefined) this.#watch();
    const initialised = (async () => this.#experiment.initializeWorker?.(config))();
    initialised.then(
      () => {
        this.#isReady = true;
        this.#send({ type: 'ready' });
      },
      (thrown) => this.#cannotStart(thrown),
    );
  }

  #cannotStart(thrown: unknown): void {
    this.#isOver = true;
    const { message, stack } = describeFailure(thrown);
    this.#send({ type: 'cannot-start', why: `initializeWorker failed: ${stack || message}` }, () => this.#exit(1));
  }

  /** Runs what is there. A worker whose job closed the descriptor of the marks would not answer a recall: it leaves. */
  async #work(): Promise<void> {
    const runner = this.#runner;
    if (runner === undefined) throw new Error('Internal error: a job before `begin`');
    this.#isBusy = true;
    runner.setClock();
    for (let job = this.#nextJob(); job !== undefined; job = this.#nextJob()) {
      const running = runner.run(job);
      // Waiting costs more than a short job takes.
      if (running !== undefined) await this.#waitFor(running);
      if (this.#isOver) return;
      // What was asked to stop starts nothing more.
      if (this.#watch().isAborted()) return this.#leave(0);
      if (runner.endedMs - this.#lastSentMs < gatherMs) continue;
      this.#sendAnswers();
      if (!canMark()) return this.#leave(0);
      this.listen();
      // Lets messages in: the next batch must be here before the queue is empty.
      await yieldToLoop();
      if (this.#isOver) return;
      runner.setClock();
    }
    this.#isBusy = false;
    this.#sendAnswers();
    if (!canMark()) return this.#leave(0);
    this.listen();
  }

  /** What was answered before does not wait for a job that waits for something, perhaps for ever. */
  async #waitFor(running: Promise<undefined>): Promise<void> {
    if (this.#outbox?.isEmpty) return running;
    const timer = setTimeout(() => this.#sendAnswers(), gatherMs);
    await running;
    clearTimeout(timer);
  }

  /** Begins the next job, unless it was recalled. */
  #nextJob(): JobCall | undefined {
    for (let [calls] = this.#queue; calls !== undefined; [calls] = this.#queue) {
      if (!calls.isOver && this.#watch().claims.begin(calls.epoch)) return calls.next();
      this.#queue.shift();
    }
    return undefined;
  }

  #leaveDisconnected(): void {
    markDisconnect();
    // If the parent is dead, the watcher is at it already.
    setTimeout(() => killGroup({ readdirSync, readFileSync, spawnSync }, process.pid), disconnectedMs);
  }

  /** The answers are on their way before the process ends. */
  #leave(code: number): void {
    this.#isOver = true;
    try {
      this.#outbox?.leaving();
    } finally {
      this.#exit(code);
    }
  }

  #sendAnswers(): void {
    this.#outbox?.flush();
    this.#lastSentMs = performance.now();
  }

  #send(message: FromWorker, sent?: () => void): void {
    this.#tell?.(message, undefined, undefined, sent === undefined ? undefined : () => sent());
  }
}

/**
 * What jobs print is with the parent when the write returns: a job may exit, crash or be killed the moment after. Else
 * Node queues what the pipe cannot take, and a million lines fill the memory.
 */
function writeAtOnce(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const handle: unknown = Reflect.get(stream, '_handle');
    if (typeof handle !== 'object' || handle === null) continue;
    if ('setBlocking' in handle && typeof handle.setBlocking === 'function') handle.setBlocking(true);
  }
}

/** Programs that jobs start get what the user had set. */
function restoreNodeOptions(): void {
  const users = process.env[nodeOptionsVariable];
  delete process.env[nodeOptionsVariable];
  if (users !== undefined) process.env.NODE_OPTIONS = users;
}
