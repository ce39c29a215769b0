import { assert, unreachable } from '../assert.ts';
import type { DispatchPolicy } from './policy.ts';
import type { DispatchEffect } from './protocol.ts';
import type { Busy, Dying, WorkerRecord } from './worker-state.ts';

/** How a worker is parted with: politely where it has nothing in hand, else by force. */
export class Parting {
  readonly #graceMs: number;
  readonly #emit: (effect: DispatchEffect) => void;

  constructor({ graceMs }: Pick<DispatchPolicy, 'graceMs'>, emit: (effect: DispatchEffect) => void) {
    this.#graceMs = graceMs;
    this.#emit = emit;
  }

  /** Its time is up. One that is dying already must be given up by the caller. */
  losePatience(worker: WorkerRecord, nowMs: number): void {
    switch (worker.at.state) {
      case 'idle':
        this.dismiss(worker, nowMs);
        break;
      case 'starting':
        this.#kill(worker, 'start', undefined, nowMs);
        break;
      case 'busy':
        this.#kill(worker, worker.at.killAtMs === undefined ? 'timeout' : 'stop', worker.at, nowMs);
        break;
      case 'leaving':
        this.#kill(worker, 'leave', undefined, nowMs);
        break;
      case 'dying':
        break;
      default:
        unreachable(worker.at);
    }
  }

  /** Only workers without a job. */
  dismiss(worker: WorkerRecord, nowMs: number): void {
    switch (worker.at.state) {
      case 'leaving':
      case 'dying':
        break;
      case 'starting':
        // One that has not said `ready` yet has no ears for a polite word.
        this.#kill(worker, 'leave', undefined, nowMs);
        break;
      case 'idle':
        worker.at = { state: 'leaving', killAtMs: nowMs + this.#graceMs };
        this.#emit({ type: 'dismiss', worker: worker.id });
        break;
      default:
        assert(worker.at.state !== 'busy', 'only a worker without a job can be dismissed');
    }
  }

  #kill(worker: WorkerRecord, why: Dying['why'], busy: Busy | undefined, nowMs: number): void {
    const { unanswered, firstSinceMs } = busy ?? { unanswered: [], firstSinceMs: nowMs };
    worker.at = { state: 'dying', why, unanswered, firstSinceMs, sinceMs: nowMs };
    this.#emit({ type: 'kill', worker: worker.id });
  }
}
