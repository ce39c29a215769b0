import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { killWorker } from './kill-worker.ts';
import { commandLine, environmentOf } from './worker-command.ts';

/** A worker's process that has not been told yet what it is for. */
export interface StartedWorker {
  readonly child: ChildProcess;
  /** By which the processes that come from it are known; different for each. */
  readonly mark: string;
}

/**
 * Starts the processes of one run's workers. Starting takes longer than all else before the first job, so they may be
 * started while the plan is still being made; what nobody takes has to be ended.
 */
export class WorkerStarts {
  readonly #run = randomBytes(12).toString('hex');
  #count = 0;
  #ahead: StartedWorker[] = [];

  startAhead(count: number, memoryLimitBytes: number | undefined): void {
    this.#ahead = Array.from({ length: count }, () => this.#start(memoryLimitBytes));
  }

  take(memoryLimitBytes: number | undefined): StartedWorker {
    for (let next = this.#ahead.shift(); next !== undefined; next = this.#ahead.shift()) {
      // Of one that failed already nothing would be heard any more.
      if (isAlive(next)) return next;
    }
    return this.#start(memoryLimitBytes);
  }

  endUnused(): void {
    for (const { child } of this.#ahead) killWorker(child.pid);
    this.#ahead = [];
  }

  #start(memoryLimitBytes: number | undefined): StartedWorker {
    const mark = `${this.#run}.${this.#count++}`;
    const child = spawn(process.execPath, commandLine(memoryLimitBytes), {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'ipc'],
      env: environmentOf(mark),
      // A group of its own: a time-out ends the whole tree, and a Ctrl-C in the terminal does not reach it.
      detached: process.platform !== 'win32',
      windowsHide: true,
      serialization: 'json',
    });
    // Heard of by who takes it; here only so that it does not end the program.
    child.on('error', () => undefined);
    return { child, mark };
  }
}

function isAlive({ child }: StartedWorker): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
