import { unreachable } from '../assert.ts';
import type { WorkerId } from '../ids.ts';
import type { Block } from '../outcome.ts';
import type { DispatchPolicy } from './policy.ts';
import { gatherMs, recallPatienceMs, unkillableMs } from './policy.ts';
import type { Assignment } from './protocol.ts';

/*
 *             ready            assign                 all answered
 *  starting ─────────► idle ───────────► busy ─────────────────────► idle      (beside it: `Recall`)
 *      │  │             │ dismiss          │ past its time limit, or stop now and grace over
 *      │  │             ▼                  ▼
 *      │  │          leaving ──────────► dying         (what it says from here on is not heard)
 *      │  └──────────────│── too slow ──►  │
 *      ▼ ended           ▼ ended           ▼ ended, or given up after `unkillableMs`
 *   (forgotten; a busy worker that ends by itself has crashed)
 */

export interface Starting {
  readonly state: 'starting';
  sinceMs: number;
}
export interface Idle {
  readonly state: 'idle';
  sinceMs: number;
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
  killAtMs: number;
}
export interface Dying {
  readonly state: 'dying';
  readonly why: 'timeout' | 'stop' | 'start' | 'leave';
  readonly unanswered: readonly Assignment[];
  readonly firstSinceMs: number;
  sinceMs: number;
}

/** Whether jobs are being taken back from it; the diagram stands in recall.ts. */
export type Recall = 'none' | 'asked' | 'kept';

export type WorkerState = Starting | Idle | Busy | Leaving | Dying;

export interface WorkerRecord {
  readonly id: WorkerId;
  /** Jobs handed to it in all its life, without those that it gave back unbegun. */
  assigned: number;
  /** Jobs answered so far, for `max_jobs_per_worker`. */
  answered: number;
  recall: Recall;
  at: WorkerState;
}

/** When its job began at the latest: answers to those before it may lie unsent in the worker. */
export function latestStartMs({ unanswered, firstSinceMs }: Busy): number {
  return unanswered.length > 1 ? firstSinceMs + gatherMs : firstSinceMs;
}

/** When patience with a worker ends. */
export function deadlineOf({ at, recall }: WorkerRecord, policy: DispatchPolicy, startTimeoutMs: number): number {
  switch (at.state) {
    case 'starting':
      return at.sinceMs + startTimeoutMs;
    case 'idle':
      return recall === 'none' ? Number.POSITIVE_INFINITY : at.sinceMs + recallPatienceMs;
    case 'busy':
      // Once it was told to stop, that is what ends it: it must not be charged with its time limit.
      return at.killAtMs ?? latestStartMs(at) + (policy.timeoutMs ?? Number.POSITIVE_INFINITY);
    case 'leaving':
      return at.killAtMs;
    case 'dying':
      return at.sinceMs + unkillableMs;
    default:
      return unreachable(at);
  }
}

/** Takes time out of the count in which nothing could run. */
export function putOff(at: WorkerState, byMs: number): void {
  if (at.state === 'starting' || at.state === 'idle' || at.state === 'dying') at.sinceMs += byMs;
  if (at.state === 'leaving') at.killAtMs += byMs;
  if (at.state !== 'busy') return;
  at.firstSinceMs += byMs;
  if (at.killAtMs !== undefined) at.killAtMs += byMs;
}

/** Removes assignments from what a worker has in hand, and returns them; others are passed over. */
export function takeOut({ unanswered }: Busy, assignments: readonly Assignment[]): Assignment[] {
  const from = unanswered.length - assignments.length;
  // What is taken back is the end of it, and may be thousands of jobs.
  if (assignments.every((assignment, at) => isSame(assignment, unanswered[from + at]))) return unanswered.splice(from);
  return assignments.flatMap((assignment) => {
    const at = unanswered.findIndex((it) => isSame(assignment, it));
    return at < 0 ? [] : unanswered.splice(at, 1);
  });
}

function isSame({ job, attempt }: Assignment, other: Assignment | undefined): boolean {
  return other?.job === job && other.attempt === attempt;
}

/** Takes out what a block answers, which must be the first of what is in hand; says no where it is not. */
export function takeHead({ unanswered }: Busy, { jobs, attempt }: Pick<Block, 'jobs' | 'attempt'>): boolean {
  for (let at = 0; at < jobs.length; at++) {
    const it = unanswered[at];
    if (it?.job !== jobs[at] || it?.attempt !== attempt) return false;
  }
  unanswered.splice(0, jobs.length);
  return true;
}

/** A worker with nothing in hand is idle, and ready for work unless it owes its word about a recall. */
export function settleDown(worker: WorkerRecord, nowMs: number): void {
  if (worker.at.state === 'busy' && worker.at.unanswered.length === 0) worker.at = { state: 'idle', sinceMs: nowMs };
  if (worker.at.state === 'idle' && worker.recall === 'kept') worker.recall = 'none';
}
