import { hostname } from 'node:os';
import type { JournalSession } from '../core/journal/record.ts';
import { compressedPath } from '../runtime/compressed-results.ts';
import { holdsFailed, writeFailedFile } from '../runtime/failed-file.ts';
import type { Files } from '../runtime/files.ts';
import { failedPath, summaryPath } from '../runtime/run-folder.ts';
import type { Balance } from './balance.ts';
import { describeRandomMode } from './random-mode.ts';
import type { ShareRequest } from './share-request.ts';
import type { Slice } from './slice.ts';
import { causeOf, countBy, type Summary, writeSummary } from './summary.ts';

/** What a balance is drawn from. */
export interface Account {
  readonly slice: Slice;
  readonly balance: Balance;
  readonly sessions: readonly JournalSession[];
  /** What `reduce` comes to. */
  readonly reduced: unknown;
  readonly endedAtMs: number;
  /** `undefined`: not known. */
  readonly activeMs: number | undefined;
}

/** Writes `failed.csv` and `summary.json`; `problems` says what could not be written. */
export function conclude(
  request: ShareRequest,
  folder: string,
  account: Account,
  files: Files,
): { readonly summary: Summary; readonly problems: readonly string[] } {
  const { machine } = request;
  const rows = account.balance.listFailures().map((it) => ({ ...it, machine }));
  const summary = summarize(request, account);
  const problems = [
    writeFailedFile(failedPath(folder), rows, summary.files.log, files),
    writeSummary(summaryPath(folder), request.experiment.teardown ? { ...summary, teardown: 'due' } : summary, files),
  ].filter((problem) => problem !== undefined);
  return { summary, problems };
}

/** What a share comes to. */
export function summarize(
  { prepared, machine, build }: ShareRequest,
  { slice, balance, sessions, reduced, endedAtMs, activeMs }: Account,
): Summary {
  const failures = balance.listFailures();
  const { settings } = prepared.resolved;
  const { fileName } = settings.results;
  const isWhole = balance.done + failures.length === slice.length;
  return {
    experiment: prepared.name,
    machine,
    experimentDigest: prepared.experimentDigest,
    planDigest: prepared.planDigest,
    codeFingerprint: build.code,
    jobs: { total: slice.length, done: balance.done, failed: failures.length, retried: balance.retried },
    failures: countBy(failures, causeOf),
    codes: balance.codes,
    reduced,
    seed: prepared.seed,
    stream: settings.random.stream,
    random: describeRandomMode(settings.random),
    versions: { 'job-splitter': build.version, node: process.versions.node },
    target: build.target,
    host: hostname(),
    startedAt: new Date(sessions[0]?.startedAtMs ?? endedAtMs).toISOString(),
    endedAt: new Date(endedAtMs).toISOString(),
    activeMs,
    files: {
      results: isWhole && settings.results.compress ? compressedPath(fileName) : fileName,
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
  balance: Balance,
  logName: string,
  files: Files,
): boolean {
  const failures = balance.listFailures().map((it) => ({ ...it, machine }));
  return holdsFailed(failedPath(folder), failures, logName, files);
}
