import type { WorkerId } from '../ids.ts';
import type { Assignment } from './protocol.ts';

/*
 *             ready            assign                 all answered
 *  starting ─────────► idle ───────────► busy ─────────────────────► idle
 *      │                │ dismiss          │ past its time limit, or stop now and grace over
 *      │ ended          ▼                  ▼
 *      │             leaving            dying         (what it says from here on is not heard)
 *      │                │ ended            │ ended
 *      ▼                ▼                  ▼
 *   (forgotten; a busy worker that ends by itself has crashed)
 */

export interface Starting {
  readonly state: 'starting';
}
export interface Idle {
  readonly state: 'idle';
}
/** At least one assignment is unanswered; the worker runs the first of them. */
export interface Busy {
  readonly state: 'busy';
  readonly unanswered: Assignment[];
  /** When the first unanswered job began, as near as can be known from here. */
  firstSinceMs: number;
  /** Set once `signal` was raised: when to kill. */
  killAtMs: number | undefined;
}
export interface Leaving {
  readonly state: 'leaving';
}
export interface Dying {
  readonly state: 'dying';
  readonly why: 'timeout' | 'stop';
  readonly unanswered: readonly Assignment[];
  readonly firstSinceMs: number;
}

export type WorkerState = Starting | Idle | Busy | Leaving | Dying;

export interface WorkerRecord {
  readonly id: WorkerId;
  /** Jobs answered so far, for `max_jobs_per_worker`. */
  answered: number;
  at: WorkerState;
}
