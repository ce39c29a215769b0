import { spellArguments } from '../core/digest.ts';
import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { JournalSession, SpeltJob } from '../core/journal/record.ts';
import { decodeJson } from '../core/json.ts';
import type { Outcome } from '../core/outcome.ts';
import type { JobNames } from '../runtime/worker-process.ts';
import type { Prepared } from './prepare.ts';

/** A job's identity, as workers and journal are told it. */
export function spellJob({ pool, occurrences }: Prepared, job: JobIndex): SpeltJob {
  return { argsJson: spellArguments(pool.at(job), job), occurrence: occurrences.get(job) ?? 0 };
}

/** The same in two parts: workers do not always need both. */
export function namesOf({ pool, occurrences }: Prepared): JobNames {
  return {
    spell: (job) => spellArguments(pool.at(job), job),
    ...(occurrences.hasRepeats && { occurrence: (job) => occurrences.get(job) ?? 0 }),
  };
}

/** An outcome as it would be read back from the journal. */
export function foldOutcome(
  outcome: Outcome,
  { argsJson, occurrence }: SpeltJob,
  session: JournalSession,
): FoldedOutcome {
  const { job, attempt, worker, startedAtMs, endedAtMs, runMs } = outcome;
  const result: FoldedOutcome['outcome']['result'] =
    outcome.status === 'failed'
      ? { status: 'failed', failure: outcome.failure }
      : { status: 'succeeded', rows: decodeRows(outcome.rowsJson), ...(outcome.files && { files: outcome.files }) };
  const args = decodeJson(argsJson) as readonly unknown[];
  return { outcome: { job, args, occurrence, attempt, worker, startedAtMs, endedAtMs, runMs, result }, session };
}

function decodeRows(rowsJson: string): readonly (readonly unknown[])[] {
  return decodeJson(rowsJson) as readonly (readonly unknown[])[];
}
