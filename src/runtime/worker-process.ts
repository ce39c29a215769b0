import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Assignment } from '../core/dispatch/protocol.ts';
import { type JobIndex, jobIndex, type WorkerId } from '../core/ids.ts';
import type { SpeltJob } from '../core/journal/record.ts';
import { endSoon, killWorker } from './kill-worker.ts';
import { readOomKills } from './oom-kills.ts';
import type { Spawner, WorkerChannel, WorkerListener } from './ports.ts';
import { readLines } from './read-lines.ts';
import { markVariable } from './worker/end-all.ts';
import {
  abortByte,
  disconnectMark,
  type FromWorker,
  initialisingMark,
  logMark,
  memoryMark,
  nodeOptionsVariable,
  progressMark,
  type ToWorker,
  type WorkerTask,
  workerRole,
} from './worker/messages.ts';
import { type EndFacts, explainEnd, nothingKnown } from './worker-end.ts';

export interface WorkerProcesses {
  readonly task: WorkerTask;
  readonly spell: (job: JobIndex) => SpeltJob;
}

/** How long a worker may take to leave when it was sent home, or after its connection is gone. */
const leaveMs = 5_000;
/** How long what a dead worker wrote is waited for; only a program that left its group can hold the pipe open longer. */
const lastWordsMs = 1_000;
/** A worker with nothing to do needs about 70 MiB; a limit below this counts as this. */
const memoryLimitMinBytes = 128 * 1024 ** 2;

/** Workers as child processes of the same executable, each with a process group of its own. */
export function processSpawner({ task, spell }: WorkerProcesses): Spawner {
  const run = randomBytes(12).toString('hex');
  const limit = task.memoryLimitBytes;
  const full = { ...task, memoryLimitBytes: limit === undefined ? undefined : Math.max(limit, memoryLimitMinBytes) };
  return { spawn: (worker, listener) => new WorkerProcess(worker, `${run}.${worker}`, full, spell, listener) };
}

class WorkerProcess implements WorkerChannel {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #listener: WorkerListener;
  readonly #spell: (job: JobIndex) => SpeltJob;
  readonly #oomKillsBefore = readOomKills();
  #facts: EndFacts;
  #isEnded = false;

  constructor(
    worker: WorkerId,
    name: string,
    task: WorkerTask,
    spell: (job: JobIndex) => SpeltJob,
    listener: WorkerListener,
  ) {
    this.#name = name;
    this.#listener = listener;
    this.#spell = spell;
    this.#facts = { ...nothingKnown, memoryLimitBytes: task.memoryLimitBytes };
    this.#child = spawn(process.execPath, commandLine(), {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'ipc'],
      env: environmentOf(name, task),
      // A group of its own: a time-out ends the whole tree, and a Ctrl-C in the terminal does not reach it.
      detached: process.platform !== 'win32',
      windowsHide: true,
      serialization: 'json',
    });
    this.#listen();
    this.#send({ type: 'begin', worker, task });
  }

  assign(assignments: readonly Assignment[]): void {
    const jobs = assignments.map(({ job, attempt }) => {
      const { argsJson, occurrence } = this.#spell(job);
      return [job, attempt, argsJson, occurrence] as const;
    });
    this.#send({ type: 'jobs', jobs });
  }

  abort(): void {
    this.#child.stdin?.write(abortByte);
  }

  /** Not built yet: the worker keeps all it has. Told later, because nobody may be told from within his own call. */
  recall(): void {
    setImmediate(() => {
      if (!this.#isEnded) this.#listener.recalled([]);
    });
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
    readLines(child.stdout, (line) => this.#listener.output('stdout', line));
    readLines(child.stderr, (line) => {
      this.#learn({ lastWords: `${this.#facts.lastWords}\n${line}`.slice(-4_000) });
      this.#listener.output('stderr', line);
    });
    readLines(child.stdio[3], (line) => this.#readMark(line));
  }

  #killUnlessGone(because: Partial<EndFacts>): void {
    const child = this.#child;
    const timer = setTimeout(() => {
      if (child.exitCode !== null || child.signalCode !== null) return;
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
      case 'answers':
        if (message.isLast) this.#learn({ isRetired: true });
        this.#listener.answers(message.answers);
        break;
    }
  }

  #readMark(line: string): void {
    const rest = line.slice(1);
    switch (line.charAt(0)) {
      case logMark:
        this.#listener.log(rest);
        break;
      case progressMark: {
        const [job, fraction] = rest.split(' ').map(Number);
        if (job !== undefined && fraction !== undefined) this.#listener.progress(jobIndex(job), fraction);
        break;
      }
      case initialisingMark:
        this.#learn({ stage: 'initialising' });
        break;
      case memoryMark:
        this.#learn({ memoryUsedBytes: Number(rest) });
        break;
      case disconnectMark:
        this.#learn({ isDisconnected: true });
        break;
    }
  }

  /** Told once, when what the worker left running is gone too. */
  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    endSoon(`${markVariable}=${this.#name}\0`, () => {
      for (const stream of this.#child.stdio) stream?.destroy();
      const now = readOomKills();
      const oomKills = now === undefined ? undefined : now - (this.#oomKillsBefore ?? now);
      this.#listener.ended(explainEnd({ ...this.#facts, oomKills }));
    });
  }
}

/** Packaged: the executable alone. Under Node: the bundle is its first argument. */
function commandLine(): string[] {
  const bundle = process.env.JOB_SPLITTER_BUNDLE;
  return bundle === undefined ? [workerRole] : ['--enable-source-maps', bundle, workerRole];
}

/** The host's NODE_OPTIONS do not reach the worker, which finds them again for the programs that its jobs start. */
function environmentOf(name: string, { memoryLimitBytes }: WorkerTask): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: users, ...environment } = process.env;
  environment[markVariable] = name;
  if (users !== undefined) environment[nodeOptionsVariable] = users;
  if (memoryLimitBytes !== undefined) {
    // V8 takes its limit only when it starts.
    environment.NODE_OPTIONS = `--max-old-space-size=${Math.floor(memoryLimitBytes / 1024 ** 2)}`;
  }
  return environment;
}
