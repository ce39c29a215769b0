import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { killWorker } from './kill-worker.ts';
import { commandLine, environmentOf } from './worker-command.ts';

/** A worker's process that has not been told yet what it is for. */
export interface StartedWorker {
  readonly child: ChildProcess;
  /** By which the processes that come from it are known; different for each. */
  readonly mark: string;
}

export interface WorkerLimits {
  readonly memoryLimitBytes: number | undefined;
  /** Niceness, 19 gives way to everybody: also while it starts, to the one that makes the plan. */
  readonly nice: number;
}

/**
 * Starts the processes of one run's workers. Starting takes longer than all else before the first job, so they may be
 * started while the plan is still being made; what nobody takes has to be ended.
 */
export class WorkerStarts {
  /** No other run of this system has it, at whatever time. */
  readonly #run = `${process.pid}-${process.hrtime.bigint()}`;
  #count = 0;
  #ahead: StartedWorker[] = [];

  startAhead(count: number, limits: WorkerLimits): void {
    this.#ahead = Array.from({ length: count }, () => this.#start(limits));
    for (const { child } of this.#ahead) setHolding(child, 'unref');
  }

  take(limits: WorkerLimits): StartedWorker {
    for (let next = this.#ahead.shift(); next !== undefined; next = this.#ahead.shift()) {
      // Of one that failed already nothing would be heard any more.
      if (!isAlive(next)) continue;
      setHolding(next.child, 'ref');
      return next;
    }
    return this.#start(limits);
  }

  endUnused(): void {
    for (const { child } of this.#ahead) killWorker(child.pid);
    this.#ahead = [];
  }

  #start({ memoryLimitBytes, nice }: WorkerLimits): StartedWorker {
    const mark = `${this.#run}.${this.#count++}`;
    const child = spawn(process.execPath, commandLine(memoryLimitBytes), {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'ipc'],
      env: environmentOf(mark),
      // A group of its own: a time-out ends the whole tree, and a Ctrl-C in the terminal does not reach it.
      detached: process.platform !== 'win32',
      windowsHide: true,
      serialization: 'json',
    });
    beNice(child.pid, nice);
    // Heard of by who takes it; here only so that it does not end the program.
    child.on('error', () => undefined);
    return { child, mark };
  }
}

function isAlive({ child }: StartedWorker): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/**
 * Whether it keeps the program alive. One that nobody has taken does not: else what the experiment waits for in vain (in `setup`)
 * would not be found out.
 */
function setHolding(child: ChildProcess, how: 'ref' | 'unref'): void {
  // One that could not be started has no pipes.
  if (child.pid === undefined) return;
  child[how]();
  child.channel?.[how]();
  // The types do not know that they are sockets.
  for (const stream of child.stdio) if (stream instanceof Socket) stream[how]();
}

function beNice(pid: number | undefined, nice: number): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, nice);
  } catch {
    // Raising the priority needs a privilege; the run goes on without.
  }
}
