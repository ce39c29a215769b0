import { type WorkerId, workerId } from '../ids.ts';
import type { WorkerRecord, WorkerState } from './worker-state.ts';

/** The workers of one session; a few hundred at most, so that going through all of them is cheap. */
export class Workers {
  readonly #records = new Map<WorkerId, WorkerRecord>();
  #ever = 0;

  add(nowMs: number): WorkerRecord {
    const id = workerId(++this.#ever);
    const at: WorkerState = { state: 'starting', sinceMs: nowMs };
    const record: WorkerRecord = { id, assigned: 0, answered: 0, recall: 'none', at };
    this.#records.set(id, record);
    return record;
  }

  get(id: WorkerId): WorkerRecord | undefined {
    return this.#records.get(id);
  }

  remove(id: WorkerId): void {
    this.#records.delete(id);
  }

  get size(): number {
    return this.#records.size;
  }

  [Symbol.iterator](): IterableIterator<WorkerRecord> {
    return this.#records.values();
  }

  /** Jobs at workers now. */
  get running(): number {
    let count = 0;
    for (const { at } of this) if (at.state === 'busy') count += at.unanswered.length;
    return count;
  }

  count(is: (at: WorkerState, worker: WorkerRecord) => boolean): number {
    let count = 0;
    for (const worker of this) if (is(worker.at, worker)) count++;
    return count;
  }
}
