import { JobTimes } from '../core/dispatch/job-times.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';

/** How long a job may take by what earlier sessions recorded last, as if they were one session with this; `undefined` where they recorded nothing. */
export function longestRecentMs(outcomes: Iterable<FoldedOutcome>): number | undefined {
  const times = new JobTimes(undefined);
  for (const { outcome } of outcomes) times.learn(outcome.runMs, 1);
  return times.longestMs;
}
