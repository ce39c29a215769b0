import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { JournalSession, SpeltJob } from '../core/journal/record.ts';
import { decodeJson } from '../core/json.ts';
import type { FailedOutcome } from '../core/outcome.ts';
import type { JobNames } from '../runtime/worker-process.ts';
import type { Prepared } from './prepare.ts';

/** A job's identity, as workers and journal are told it. */
export function spellJob({ pool, occurrences }: Prepared, job: JobIndex): SpeltJob {
  return { argsJson: pool.spell(job), occurrence: occurrences.get(job) ?? 0 };
}

/** The same in two parts: workers do not always need both. */
export function namesOf({ pool, occurrences }: Prepared): JobNames {
  return {
    spell: (job) => pool.spell(job),
    ...(occurrences.hasRepeats && { occurrence: (job) => occurrences.get(job) ?? 0 }),
  };
}

/** A failure as it would be read back from the journal. */
export function foldFailure(
  { failure, ...about }: FailedOutcome,
  { argsJson, occurrence }: SpeltJob,
  session: JournalSession,
): FoldedOutcome {
  const args = decodeJson(argsJson) as readonly unknown[];
  return { outcome: { ...about, args, occurrence, result: { status: 'failed', failure } }, session };
}
