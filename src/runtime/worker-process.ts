import type { ChildProcess } from 'node:child_process';
import { assert } from '../core/assert.ts';
import type { Assignment } from '../core/dispatch/protocol.ts';
import { type JobIndex, jobIndex, type WorkerId } from '../core/ids.ts';
import { awaitEnd, endSoon, killWorker } from './kill-worker.ts';
import { readOomKills } from './oom-kills.ts';
import type { Spawner, WorkerChannel, WorkerListener } from './ports.ts';
import { PrintedLines } from './printed-lines.ts';
import { readChunks, readLines } from './read-lines.ts';
import { markVariable } from './worker/end-all.ts';
import {
  abortByte,
  argsSeparator,
  disconnectMark,
  type FromWorker,
  framesFd,
  initialisingMark,
  type JobsMessage,
  logMark,
  marksFd,
  memoryMark,
  progressMark,
  recallByte,
  recallMark,
  type ToWorker,
  type WorkerTask,
} from './worker/messages.ts';
import { type EndFacts, explainEnd, nothingKnown } from './worker-end.ts';
import { WorkerJobs } from './worker-jobs.ts';
import type { StartedWorker, WorkerLimits, WorkerStarts } from './worker-starts.ts';

export interface WorkerProcesses {
  readonly task: WorkerTask;
  readonly limits: WorkerLimits;
  readonly names: JobNames;
  readonly starts: WorkerStarts;
}

/** What a worker must be told of a job. */
export interface JobNames {
  /** Arguments in canonical JSON. */
  readonly spell: (job: JobIndex) => string;
  /** Which of equal jobs, from 0; not there where all jobs differ. */
  readonly occurrence?: (job: JobIndex) => number;
}

/** How long a worker may take to leave when it was sent home, or after its connection is gone. */
const leaveMs = 5_000;
/** How long what a dead worker wrote is waited for; only a program that left its group can hold the pipe open longer. */
const lastWordsMs = 1_000;
/** Workers as child processes of the same executable, each with a process group of its own. */
export function processSpawner({ task, limits, names, starts }: WorkerProcesses): Spawner {
  return {
    spawn: (worker, listener) => new WorkerProcess(worker, starts.take(limits), task, names, listener),
  };
}

class WorkerProcess implements WorkerChannel {
  readonly #child: ChildProcess;
  readonly #mark: string;
  readonly #listener: WorkerListener;
  readonly #names: JobNames;
  readonly #hasRecipe: boolean;
  readonly #oomKillsBefore = readOomKills();
  readonly #jobs: WorkerJobs;
  #facts: EndFacts;
  #isEnded = false;

  constructor(
    worker: WorkerId,
    { child, mark }: StartedWorker,
    task: WorkerTask,
    names: JobNames,
    listener: WorkerListener,
  ) {
    this.#child = child;
    this.#mark = mark;
    this.#listener = listener;
    this.#names = names;
    this.#jobs = new WorkerJobs(
      worker,
      listener,
      (facts) => this.#learnFrom(facts),
      () => this.kill(),
    );
    this.#hasRecipe = task.recipe !== undefined;
    this.#facts = { ...nothingKnown, memoryLimitBytes: task.memoryLimitBytes };
    awaitEnd();
    this.#listen();
    this.#send({ type: 'begin', worker, task });
  }

  assign(assignments: readonly Assignment[]): void {
    const attempt = assignments[0]?.attempt ?? 1;
    const jobs = assignments.map(({ job }) => job);
    assert(assignments.at(-1)?.attempt === attempt, 'jobs of several attempts in one message');
    this.#jobs.add(assignments);
    this.#send({ type: 'jobs', epoch: this.#jobs.epoch, attempt, jobs, ...this.#describe(jobs) });
  }

  /** What the worker cannot work out from the index. */
  #describe(jobs: readonly JobIndex[]): Pick<JobsMessage, 'args' | 'same'> {
    const { spell, occurrence } = this.#names;
    return {
      ...(!this.#hasRecipe && { args: jobs.map(spell).join(argsSeparator) }),
      ...(occurrence && { same: jobs.map(occurrence) }),
    };
  }

  get running(): Assignment | undefined {
    return this.#jobs.running;
  }

  abort(): void {
    this.#child.stdin?.write(abortByte);
  }

  recall(): void {
    this.#jobs.recall();
    this.#child.stdin?.write(recallByte);
  }

  dismiss(): void {
    this.#send({ type: 'leave' });
    this.#killUnlessGone({});
  }

  kill(): void {
    this.#learn({ isKilled: true });
    killWorker(this.#child.pid);
  }

  #learn(facts: Partial<EndFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  /** A worker that leaves may be held up by a job's listener of `exit`. */
  #learnFrom(facts: Partial<EndFacts>): void {
    this.#learn(facts);
    if (facts.isRetired === true) this.#killUnlessGone({});
  }

  #send(message: ToWorker): void {
    // A worker that has just died is told nothing; its end is reported by `exit`.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #listen(): void {
    const child = this.#child;
    child.on('message', (message: FromWorker) => this.#hear(message));
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      this.#learn({ startProblem: `${process.execPath} cannot be started: ${error.message}` });
      this.#end();
    });
    // Its messages and all its output have been read when it is closed.
    child.on('close', () => this.#end());
    child.on('exit', (code, signal) => {
      this.#learn({ code, signal });
      setTimeout(() => this.#end(), lastWordsMs).unref();
      // What its jobs started must not outlive it.
      killWorker(child.pid);
    });
    // The pipe's end and the process's are close together, unless a job cut the one and goes on with the other.
    child.on('disconnect', () => this.#killUnlessGone({ isDisconnected: true }));
    child.stdin?.on('error', () => undefined);
    const printed = new PrintedLines((line, job) => this.#listener.output('stdout', line, job));
    const complained = new PrintedLines((line, job) => {
      this.#learn({ lastWords: `${this.#facts.lastWords}\n${line}`.slice(-4_000) });
      this.#listener.output('stderr', line, job);
    });
    readLines(child.stdout, (line) => printed.add(line));
    readLines(child.stderr, (line) => complained.add(line));
    readLines(child.stdio[marksFd], (line, isRest) => {
      if (!isRest) this.#readMark(line);
    });
    readChunks(child.stdio[framesFd], (chunk) => this.#jobs.hear(chunk));
  }

  #killUnlessGone(because: Partial<EndFacts>): void {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const timer = setTimeout(() => {
      this.#learn(because);
      killWorker(child.pid);
    }, leaveMs);
    child.once('exit', () => clearTimeout(timer));
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#learn({ stage: 'working' });
        this.#listener.ready(this.#child.pid ?? 0);
        break;
      case 'cannot-start':
        this.#learn({ startProblem: message.why });
        break;
    }
  }

  #readMark(line: string): void {
    const rest = line.slice(1);
    switch (line.charAt(0)) {
      case logMark:
        this.#listener.log(rest);
        break;
      case progressMark:
        this.#readProgress(rest);
        break;
      case initialisingMark:
        this.#learn({ stage: 'initialising' });
        break;
      case memoryMark:
        this.#learn({ memoryUsedBytes: Number(rest) });
        break;
      case recallMark:
        this.#jobs.recalled(rest);
        break;
      case disconnectMark:
        this.#learn({ isDisconnected: true });
        break;
    }
  }

  /** `17 0.5`, or `17 0.5 in the job's own words`. */
  #readProgress(text: string): void {
    const [, job, fraction, message] = /^(\d{1,10}) (\d(?:\.\d+)?(?:e-\d+)?)(?: (.{0,200}))?/.exec(text) ?? [];
    if (job === undefined || !(Number(fraction) <= 1) || !this.#jobs.holds(Number(job))) return;
    this.#listener.progress(jobIndex(Number(job)), Number(fraction), message);
  }

  /** Told once, when what the worker left running is gone too. */
  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    endSoon(`${markVariable}=${this.#mark}\0`, () => {
      for (const stream of this.#child.stdio) stream?.destroy();
      const now = readOomKills();
      const oomKills = now === undefined ? undefined : now - (this.#oomKillsBefore ?? now);
      this.#listener.ended(explainEnd({ ...this.#facts, oomKills }));
    });
  }
}
