import { JobTimes } from '../core/dispatch/job-times.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { ShareRequest } from './share-request.ts';

/**
 * How long a job may take by what earlier sessions of the same code recorded last, as if they were one with this; `undefined`
 * where they recorded nothing. Read only where something depends on it.
 */
export function longestRecentMs(
  { untilMs, build }: Pick<ShareRequest, 'untilMs' | 'build'>,
  outcomes: () => Iterable<FoldedOutcome>,
): number | undefined {
  if (untilMs === undefined) return undefined;
  const times = new JobTimes(undefined);
  for (const { outcome, session } of outcomes()) {
    // A job that ran into its time limit, or code that was slower, says nothing of these.
    const counts = outcome.result.status === 'succeeded' && session.codeFingerprint === build.code;
    if (counts) times.learn(outcome.runMs, 1);
  }
  return times.longestMs;
}
