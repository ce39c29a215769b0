import { setPriority } from 'node:os';
import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { configFromSnapshot } from '../../config/config.ts';
import { unreachable } from '../../core/assert.ts';
import type { Answer } from '../../core/dispatch/protocol.ts';
import type { AnyExperiment } from '../../experiment.ts';
import { describeFailure } from './failure.ts';
import type { FromWorker, JobMessage, ToWorker, WorkerTask } from './messages.ts';
import { ExperimentRunner, type JobRunner } from './run-job.ts';
import { startWatcher, type Watcher } from './watcher.ts';

/** Answers wait this long for company. */
const gatherMs = 5;

/** The program in its worker role: takes jobs from its parent, one at a time, until it is told to leave. */
export function serve(experiment: AnyExperiment): void {
  // The parent decides what a Ctrl-C means; a stray signal to the group must not end a job.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const server = new WorkerServer(experiment, startWatcher());
  process.on('message', (message: ToWorker) => server.take(message));
  process.on('disconnect', () => process.exit(0));
}

class WorkerServer {
  readonly #experiment: AnyExperiment;
  readonly #watcher: Watcher;
  readonly #queue: JobMessage[] = [];
  #runner: JobRunner | undefined;
  #isBusy = false;
  #answers: Answer[] = [];
  #lastSentMs = 0;

  constructor(experiment: AnyExperiment, watcher: Watcher) {
    this.#experiment = experiment;
    this.#watcher = watcher;
  }

  take(message: ToWorker): void {
    switch (message.type) {
      case 'begin':
        this.#begin(message.worker, message.task);
        break;
      case 'jobs':
        this.#queue.push(...message.jobs);
        if (!this.#isBusy) this.#work();
        break;
      case 'leave':
        process.exit(0);
        break;
      default:
        unreachable(message);
    }
  }

  #begin(worker: number, task: WorkerTask): void {
    beNice(task.nice);
    if (task.memoryLimitBytes !== undefined) limitHeap(task.memoryLimitBytes);
    const config = configFromSnapshot(task.config);
    const signal = createSignal(this.#watcher);
    this.#runner = new ExperimentRunner(this.#experiment, task, worker, config, signal);
    const initialised = (async () => this.#experiment.initializeWorker?.(config))();
    initialised.then(
      () => send({ type: 'ready' }),
      (thrown) => {
        const { message, stack } = describeFailure(thrown);
        send({ type: 'cannot-start', why: `initializeWorker failed: ${stack || message}` }, () => process.exit(1));
      },
    );
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      if (this.#runner === undefined) throw new Error('Internal error: a job before `begin`');
      this.#answers.push(await this.#runner.run(job));
      if (this.#watcher.isAborted()) return this.#leaveEarly();
      if (performance.now() - this.#lastSentMs < gatherMs) continue;
      this.#sendAnswers();
      // Lets messages in: the next batch must be here before the queue is empty.
      await yieldToLoop();
    }
    this.#isBusy = false;
    this.#sendAnswers();
  }

  /** What was asked to stop starts nothing more. The answers are acknowledged before the process ends. */
  #leaveEarly(): void {
    send({ type: 'answers', answers: this.#answers }, () => process.exit(0));
  }

  #sendAnswers(): void {
    if (this.#answers.length === 0) return;
    send({ type: 'answers', answers: this.#answers });
    this.#answers = [];
    this.#lastSentMs = performance.now();
  }
}

function send(message: FromWorker, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent === undefined ? undefined : () => sent());
}

function beNice(nice: number): void {
  try {
    setPriority(nice);
  } catch {
    // Raising the priority needs a privilege; the run goes on without.
  }
}

/** V8 takes a new limit while it runs only for the old generation; enough for a job that grows without end. */
function limitHeap(bytes: number): void {
  setFlagsFromString(`--max-old-space-size=${Math.max(16, Math.floor(bytes / 1024 ** 2))}`);
}

/** An abort signal that a busy loop can read: `aborted` looks at the watcher's flag. */
function createSignal(watcher: Watcher): AbortSignal {
  const controller = new AbortController();
  watcher.onAbort(() => controller.abort());
  Object.defineProperty(controller.signal, 'aborted', { get: () => watcher.isAborted() });
  return controller.signal;
}
