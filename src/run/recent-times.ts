import { JobTimes } from '../core/dispatch/job-times.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { ShareRequest } from './share-request.ts';

/**
 * How long a job may take by what earlier sessions recorded last, as if they were one with this; `undefined` where they
 * recorded nothing. Read only where something depends on it.
 */
export function longestRecentMs(
  { untilMs }: Pick<ShareRequest, 'untilMs'>,
  outcomes: () => Iterable<FoldedOutcome>,
): number | undefined {
  if (untilMs === undefined) return undefined;
  const times = new JobTimes(undefined);
  for (const { outcome } of outcomes()) times.learn(outcome.runMs, 1);
  return times.longestMs;
}
