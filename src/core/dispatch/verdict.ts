import { unreachable } from '../assert.ts';
import type { AttemptTimes, Failure } from '../outcome.ts';
import { type DispatchPolicy, startTimeoutFailure, timeoutFailure } from './policy.ts';
import type { Assignment, WorkerEnd } from './protocol.ts';
import type { Busy, Dying, WorkerRecord } from './worker-state.ts';

/**
 * What a job may be handed out with after its worker died: with company, `alone`, or `fresh`: as the first and only
 * job of a new worker, where a death is surely its own.
 */
export type Suspicion = 'none' | 'alone' | 'fresh';

/** What follows for the jobs from the end of a worker. */
export type Verdict =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'start-failed'; readonly how: string }
  | {
      readonly kind: 'charge';
      readonly assignment: Assignment;
      readonly failure: Failure;
      readonly times: AttemptTimes;
    }
  | {
      readonly kind: 'give-back';
      readonly assignments: readonly Assignment[];
      readonly suspicion: Suspicion;
      readonly why: string;
    };

/** Decides who is to blame for the end of a worker. */
export function judge(worker: WorkerRecord, end: WorkerEnd, policy: DispatchPolicy, nowMs: number): Verdict {
  const { at } = worker;
  switch (at.state) {
    case 'starting':
      return { kind: 'start-failed', how: end.how };
    case 'idle':
    case 'leaving':
      return { kind: 'nothing' };
    case 'busy':
      return at.killAtMs === undefined
        ? judgeDeath(worker, at, end, nowMs)
        : giveBack(at, 'none', 'the run is stopped');
    case 'dying':
      return judgeKilled(at, end, policy, nowMs);
    default:
      return unreachable(at);
  }
}

function judgeKilled(at: Dying, end: WorkerEnd, policy: DispatchPolicy, nowMs: number): Verdict {
  switch (at.why) {
    case 'start':
      return { kind: 'start-failed', how: startTimeoutFailure(policy) };
    case 'leave':
      return { kind: 'nothing' };
    case 'stop':
      return giveBack(at, 'none', 'the run is stopped');
    case 'timeout': {
      // It had said that it leaves, and something held it up: none of these was begun.
      if (end.cause === 'retired') return giveBack(at, 'none', `its worker left: ${end.how}`);
      const [only, ...others] = at.unanswered;
      // Several unanswered: an answer may lie unsent in the worker. Each gets the limit for itself.
      if (only === undefined || others.length > 0) return giveBack(at, 'alone', 'a job beside it ran too long');
      return charge(only, { ...timeoutFailure(policy.timeoutMs), stack: '' }, at, nowMs);
    }
    default:
      return unreachable(at.why);
  }
}

/** A death is charged to a job that was all its worker ever had; what came before may have left it a time bomb. */
function judgeDeath(worker: WorkerRecord, at: Busy, end: WorkerEnd, nowMs: number): Verdict {
  if (end.cause === 'retired') return giveBack(at, 'none', `its worker left: ${end.how}`);
  const [only, ...others] = at.unanswered;
  if (only === undefined || others.length > 0) return giveBack(at, 'alone', `its worker ended: ${end.how}`);
  if (worker.assigned > 1) return giveBack(at, 'fresh', `its worker ended: ${end.how}`);
  return charge(only, { cause: end.cause, message: `the worker ended: ${end.how}`, stack: '' }, at, nowMs);
}

function giveBack({ unanswered }: Busy | Dying, suspicion: Suspicion, why: string): Verdict {
  return { kind: 'give-back', assignments: unanswered, suspicion, why };
}

function charge(assignment: Assignment, failure: Failure, { firstSinceMs }: Busy | Dying, nowMs: number): Verdict {
  const times = { startedAtMs: firstSinceMs, endedAtMs: nowMs, runMs: nowMs - firstSinceMs };
  return { kind: 'charge', assignment, failure, times };
}
