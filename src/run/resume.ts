import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import type { SpentAttempt } from '../core/dispatch/attempts.ts';
import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { JournalReading } from '../runtime/journal-file.ts';
import type { Prepared } from './prepare.ts';

/** What an earlier session left in the run folder. */
export interface Found {
  /** Settled jobs that count; failed ones are missing here when they are to be tried again. */
  readonly settled: ReadonlyMap<JobIndex, FoldedOutcome>;
  readonly spent: readonly SpentAttempt[];
  readonly retried: number;
  readonly warnings: readonly string[];
}

export interface ResumeWishes {
  readonly retryFailed: boolean;
  readonly acceptCode: boolean;
}

/** Decides whether a journal can be gone on with. Refusals name the ways out. */
export function resume(
  { fold, tornBytes }: JournalReading,
  prepared: Prepared,
  code: string,
  folder: string,
  wishes: ResumeWishes,
): Result<Found> {
  const { header } = fold;
  if (header === undefined) return ok({ settled: new Map(), spent: [], retried: 0, warnings: [] });
  if (header.experimentDigest !== prepared.experimentDigest) {
    return failed(
      refuse(
        `${folder} holds another experiment (its jobs or settings differ)`,
        '--fresh moves it aside; --out FOLDER writes elsewhere',
      ),
    );
  }
  if (header.planDigest !== prepared.planDigest) {
    return failed(
      refuse(
        `${folder} holds this experiment under another plan (machines.json or [run] order changed)`,
        'undo the change (--cores changes the cores without another plan), or --fresh to start anew',
      ),
    );
  }
  const last = fold.sessions.at(-1);
  if (last !== undefined && last.codeFingerprint !== code && !wishes.acceptCode) {
    return failed(
      refuse(
        `${folder} was computed by other code (${last.codeFingerprint.slice(0, 16)}, now ${code.slice(0, 16)})`,
        '--accept-code goes on with the new code; --fresh starts anew',
      ),
    );
  }
  const settled = new Map(fold.outcomes);
  const retried = new Set<JobIndex>();
  if (wishes.retryFailed) {
    for (const [job, { outcome }] of fold.outcomes) {
      if (outcome.result.status !== 'failed') continue;
      settled.delete(job);
      retried.add(job);
    }
  }
  const warnings = fold.problems.map(
    ({ line, problem }) => `journal.jsonl:${line}: ${problem}; the line does not count`,
  );
  if (tornBytes > 0) warnings.push('the last line of the journal was torn (power cut or kill); its jobs run again');
  const spent = fold.failedAttempts.filter(({ job }) => !retried.has(job));
  return ok({ settled, spent, retried: fold.failedAttempts.length, warnings });
}

function refuse(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
