import { recallAfterMs } from './policy.ts';
import type { WorkerRecord } from './worker-state.ts';

/*
 *          stuck: `recallDueMs`           `recalled`                    all that it kept is answered
 *   none ──────────────────────► asked ───────────────► kept ──────────────────────────────────────► none
 *                                  │                                                                  ▲
 *                                  └── `recalled`, when all is answered already ──────────────────────┘
 *
 * Jobs that wait behind one that takes long are taken back, or they would be stranded there while other cores idle.
 * The worker answers from beside its job, even if that is a busy loop: what it has begun stays with it, what it gives
 * back will surely never run there. It is fed only in `none`: two messages on their way to it might overtake each other.
 *
 * Answers to quick jobs before the long one may lie unsent in the worker; there is at most `gatherMs` of work in them, and
 * they stay there until the long job ends. (If that is killed, they run again, free of charge.)
 */

/**
 * When the worker counts as stuck on a job with others behind it; never, where there is nothing to take back.
 * `sinceMs`: from when on nothing should wait at a worker any more.
 */
export function recallDueMs({ at, recall }: WorkerRecord, sinceMs: number): number {
  const hasOthers = at.state === 'busy' && at.unanswered.length > 1;
  if (!hasOthers || recall !== 'none' || at.killAtMs !== undefined) return Number.POSITIVE_INFINITY;
  return Math.min(at.firstSinceMs, sinceMs) + recallAfterMs;
}
