import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { memoryOfChildren } from './worker/memory-use.ts';

const tools = { readdirSync, readFileSync, spawnSync };
const lookMs = 100;

/** Most memory that one worker has used together with the programs that its jobs started. Linux only, so far. */
export class MemoryPeak implements Reporter {
  readonly #pids = new Map<number, number>();
  readonly #timer = setInterval(() => this.#look(), lookMs).unref();
  #bytes = 0;

  /** `undefined` where the system does not tell. */
  get bytes(): number | undefined {
    return this.#bytes === 0 ? undefined : this.#bytes;
  }

  on(event: RunEvent): void {
    if (event.type === 'worker-started') this.#pids.set(event.worker, event.pid);
    if (event.type === 'worker-ended') this.#pids.delete(event.worker);
    if (event.type === 'worker-started' || event.type === 'jobs-settled') this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const pid of this.#pids.values()) {
      const own = readMostResident(pid);
      if (own !== undefined) this.#bytes = Math.max(this.#bytes, own + memoryOfChildren(tools, pid));
    }
  }
}

/** The kernel keeps count (VmHWM, proc(5)): nothing is missed between two looks. */
function readMostResident(pid: number): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : 1024 * Number(kibibytes);
  } catch {
    return undefined;
  }
}
