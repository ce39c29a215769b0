import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Assignment, WorkerEnd } from '../core/dispatch/protocol.ts';
import { type JobIndex, jobIndex, type WorkerId } from '../core/ids.ts';
import type { SpeltJob } from '../core/journal/record.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Spawner, WorkerChannel, WorkerListener } from './ports.ts';
import { abortByte, type FromWorker, type ToWorker, type WorkerTask, workerRole } from './worker/messages.ts';

export interface WorkerProcesses {
  readonly task: WorkerTask;
  readonly spell: (job: JobIndex) => SpeltJob;
}

/** Workers as child processes of the same executable, each with a process group of its own. */
export function processSpawner({ task, spell }: WorkerProcesses): Spawner {
  return { spawn: (worker, listener) => new WorkerProcess(worker, task, spell, listener) };
}

/** Text that a dying V8 writes when its heap is full. */
const heapDeath = /heap out of memory|Reached heap limit|invalid table size/;

class WorkerProcess implements WorkerChannel {
  readonly #child: ChildProcess;
  readonly #listener: WorkerListener;
  readonly #spell: (job: JobIndex) => SpeltJob;
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  #disconnected = false;
  #ended = false;
  #lastWords = '';
  #startProblem: string | undefined;

  constructor(worker: WorkerId, task: WorkerTask, spell: (job: JobIndex) => SpeltJob, listener: WorkerListener) {
    this.#listener = listener;
    this.#spell = spell;
    this.#child = spawn(process.execPath, commandLine(), {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'ipc'],
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

  dismiss(): void {
    this.#send({ type: 'leave' });
  }

  kill(): void {
    killTree(this.#child);
  }

  #send(message: ToWorker): void {
    // A worker that has just died is told nothing; its end is reported by `exit`.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #listen(): void {
    const child = this.#child;
    child.on('message', (message: FromWorker) => this.#hear(message));
    child.on('error', (error) => {
      this.#startProblem = error.message;
      if (child.pid === undefined) this.#end();
    });
    child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      // What its jobs started must not outlive it.
      killTree(child);
      if (this.#disconnected) this.#end();
    });
    child.on('disconnect', () => {
      this.#disconnected = true;
      if (this.#exit !== undefined) this.#end();
    });
    child.stdin?.on('error', () => undefined);
    this.#forward(child.stdout, 'stdout');
    this.#forward(child.stderr, 'stderr');
    const marks = child.stdio[3];
    if (isReadable(marks)) readLines(marks, (line) => this.#readMark(line));
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#listener.ready(this.#child.pid ?? 0);
        break;
      case 'cannot-start':
        this.#startProblem = message.why;
        break;
      case 'answers':
        this.#listener.answers(message.answers);
        break;
    }
  }

  #forward(stream: Readable | null, name: 'stdout' | 'stderr'): void {
    if (stream === null) return;
    readLines(stream, (line) => {
      if (name === 'stderr') this.#lastWords = `${this.#lastWords}\n${line}`.slice(-4_000);
      this.#listener.output(name, line);
    });
  }

  #readMark(line: string): void {
    if (line.startsWith('l')) this.#listener.log(line.slice(1));
    const [job, fraction] = line.slice(1).split(' ').map(Number);
    if (line.startsWith('p') && job !== undefined && fraction !== undefined) {
      this.#listener.progress(jobIndex(job), fraction);
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.ended(this.#describeEnd());
  }

  #describeEnd(): WorkerEnd {
    if (this.#startProblem !== undefined) return { cause: 'crash', how: this.#startProblem };
    const how = this.#exit?.signal ? `signal ${this.#exit.signal}` : `exit code ${this.#exit?.code ?? 'unknown'}`;
    if (heapDeath.test(this.#lastWords)) return { cause: 'memory', how: `out of memory (${how})` };
    return { cause: 'crash', how };
  }
}

/** Packaged: the executable alone. Under Node: the bundle is its first argument. */
function commandLine(): string[] {
  const bundle = process.env.JOB_SPLITTER_BUNDLE;
  return bundle === undefined ? [workerRole] : ['--enable-source-maps', bundle, workerRole];
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  const splitter = new LineSplitter(onLine);
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => splitter.add(text));
  stream.on('end', () => splitter.end());
  stream.on('error', () => undefined);
}

function isReadable(stream: Readable | Writable | null | undefined): stream is Readable {
  return stream !== null && stream !== undefined && 'setEncoding' in stream;
}

function killTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/T', '/F', '/PID', String(pid)], { windowsHide: true, stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}
