import { hostname } from 'node:os';
import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome, JournalFold } from '../core/journal/fold.ts';
import { holdsFailed, writeFailedFile } from '../runtime/failed-file.ts';
import type { Files } from '../runtime/files.ts';
import { foldOfJournal } from '../runtime/journal-file.ts';
import { failedPath, summaryPath } from '../runtime/run-folder.ts';
import { describeRandomMode } from './random-mode.ts';
import { reduceRows } from './reduce.ts';
import type { ShareRequest } from './share-request.ts';
import { type Slice, settledIn } from './slice.ts';
import { causeOf, codeOf, countBy, type Summary, writeSummary } from './summary.ts';

/** Where the balance is drawn. */
interface ConcludePlace {
  readonly folder: string;
  /** The journal, where it is now. */
  readonly journal: string;
  readonly slice: Slice;
  readonly files: Files;
}

/**
 * Draws the balance: the journal is the truth, so it is read again. Writes `failed.csv` and `summary.json`; `problems`
 * says what could not be written.
 */
export function conclude(
  request: ShareRequest,
  { folder, journal, slice, files }: ConcludePlace,
  nowMs: number,
): { readonly summary: Summary; readonly problems: readonly string[] } {
  const fold = foldOfJournal(journal, files);
  const { outcomes } = settledIn(slice, fold, request.prepared);
  const { machine } = request;
  const rows = failuresOf(outcomes).map((it) => ({ ...it, machine }));
  const summary = summarize(request, fold, outcomes, slice, nowMs);
  const problems = [
    writeFailedFile(failedPath(folder), rows, summary.files.log, files),
    writeSummary(summaryPath(folder), summary, files),
  ].filter((problem) => problem !== undefined);
  return { summary, problems };
}

/** What a journal comes to. */
export function summarize(
  { prepared, experiment, machine, build }: ShareRequest,
  fold: JournalFold,
  outcomes: ReadonlyMap<JobIndex, FoldedOutcome>,
  slice: Slice,
  endedAtMs: number,
): Summary {
  const failures = failuresOf(outcomes);
  const { settings } = prepared.resolved;
  return {
    experiment: prepared.name,
    machine,
    experimentDigest: prepared.experimentDigest,
    planDigest: prepared.planDigest,
    codeFingerprint: build.code,
    jobs: {
      total: slice.length,
      done: outcomes.size - failures.length,
      failed: failures.length,
      retried: fold.retries,
    },
    failures: countBy(failures, causeOf),
    codes: countBy([...outcomes.values()], codeOf),
    reduced: reduceRows(experiment, outcomes),
    seed: prepared.seed,
    stream: settings.random.stream,
    random: describeRandomMode(settings.random),
    versions: { 'job-splitter': build.version, node: process.versions.node },
    target: build.target,
    host: hostname(),
    startedAt: new Date(fold.sessions[0]?.startedAtMs ?? endedAtMs).toISOString(),
    endedAt: new Date(endedAtMs).toISOString(),
    files: {
      results: settings.results.fileName,
      ...(failures.length > 0 && { failed: 'failed.csv' }),
      journal: 'journal.jsonl',
      log: `logs/${settings.logging.fileName}`,
    },
  };
}

/** Whether `failed.csv` says what it should. */
export function failuresAreWritten(
  { machine }: Pick<ShareRequest, 'machine'>,
  folder: string,
  outcomes: ReadonlyMap<JobIndex, FoldedOutcome>,
  logName: string,
  files: Files,
): boolean {
  const failures = failuresOf(outcomes).map((it) => ({ ...it, machine }));
  return holdsFailed(failedPath(folder), failures, logName, files);
}

function failuresOf(outcomes: ReadonlyMap<JobIndex, FoldedOutcome>): readonly FoldedOutcome[] {
  return [...outcomes.values()]
    .filter(({ outcome }) => outcome.result.status === 'failed')
    .sort((a, b) => a.outcome.job - b.outcome.job);
}
