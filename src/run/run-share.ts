import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { matchOutcomes } from '../core/journal/match.ts';
import type { JournalSession } from '../core/journal/record.ts';
import type { Settled, SettledPart } from '../core/journal/settled.ts';
import { checksum } from '../runtime/checksum.ts';
import { holdsCompressed } from '../runtime/compressed-results.ts';
import { explainFileError } from '../runtime/file-error.ts';
import type { Files } from '../runtime/files.ts';
import { holdsResults } from '../runtime/holds-results.ts';
import type { WriteGuard } from '../runtime/journal-file.ts';
import { type Outside, realOutside } from '../runtime/outside.ts';
import { readJournal, readJournalLines } from '../runtime/read-journal.ts';
import { syncFolder } from '../runtime/replace-file.ts';
import { journalPath, lockPath, stopPath } from '../runtime/run-folder.ts';
import { takeLock } from '../runtime/run-lock.ts';
import { clearStatusDraft } from '../runtime/status-file.ts';
import { clearStopFile } from '../runtime/stop-file.ts';
import { Balance } from './balance.ts';
import { failuresAreWritten, summarize } from './conclude.ts';
import { dropOlderCheckpoints } from './drop-checkpoints.ts';
import { findOtherColumns, refuseColumns } from './other-columns.ts';
import { reduceRows } from './reduce.ts';
import { resultsLayoutOf } from './results-layout.ts';
import { checkResume, findCodeChange, refuseCode } from './resume.ts';
import { ShareJournal } from './share-journal.ts';
import { runFolderOf, type ShareEnd, type ShareRequest } from './share-request.ts';
import { ShareRun } from './share-run.ts';
import { type Slice, sliceOf, withSettled } from './slice.ts';
import { isConcluded, readConcluded, type Summary } from './summary.ts';

/** Runs one machine's share to its end, or goes on where an earlier session stopped. */
export async function runShare(request: ShareRequest): Promise<Result<ShareEnd>> {
  const folder = request.out ?? runFolderOf(request.prepared, request.machine);
  const outside = request.outside ?? realOutside();
  const { files } = outside;
  let release = (): void => undefined;
  try {
    if (files.makeFolder(folder)) syncFolder(files, dirname(folder));
    const lock = takeLock(lockPath(folder), files);
    if (!lock.ok) return ok({ kind: 'locked', ...lock.holder, folder });
    release = lock.release;
    // A request to stop that an earlier session did not live to see.
    clearStopFile(stopPath(folder));
    clearStatusDraft(folder);
    return await goOn(request, folder, outside, lock.whyLost);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return failed(cannotWrite(folder, error));
    throw error;
  } finally {
    release();
  }
}

/** Whether a folder can be gone on with in a campaign: to be known before a server is told that there is one. */
export function checkMember(
  { prepared, machine, out }: Pick<ShareRequest, 'prepared' | 'machine' | 'out'>,
  files: Files = realOutside().files,
): Result<undefined> {
  const folder = out ?? runFolderOf(prepared, machine);
  const path = journalPath(folder);
  if (!existsSync(path)) return ok(undefined);
  const { unusable, fold } = readJournal(path, files);
  if (unusable !== undefined) return failed(cannotUse(path, unusable));
  const fits = checkResume(fold, { prepared, machine, joins: true }, folder);
  if (!fits.ok) return fits;
  const { settled } = matchOutcomes(fold, prepared, () => readJournalLines(path, files), checksum);
  const { columns } = prepared.headerShape;
  return checkColumns(columns, fold.sessions, new Balance(settled, fold.retries), folder, leaveCampaign);
}

async function goOn(
  request: ShareRequest,
  folder: string,
  outside: Outside,
  guard: WriteGuard,
): Promise<Result<ShareEnd>> {
  const share = sliceOf(request);
  const journal = new ShareJournal(folder, share, request.prepared, outside.files);
  const reading = readJournal(journal.path, outside.files);
  if (reading.unusable !== undefined) return failed(cannotUse(journal.path, reading.unusable));
  const { fold } = reading;
  const fits = checkResume(fold, { ...request, joins: request.engine !== undefined }, folder);
  if (!fits.ok) return fits;
  const here = journal.settledBy(fold);
  const { settled } = here;
  const slice = withSettled(share, settled);
  if (here.renumbered && hasFiles(folder)) return failed(cannotRename(folder));
  const balance = new Balance(settled, fold.retries);
  const { rerunOlderCode, build, engine } = request;
  // Rows of older code count no more where it is run again.
  const counting = fold.sessions.filter(({ codeFingerprint }) => !rerunOlderCode || codeFingerprint === build.code);
  const ways = engine === undefined ? runAgain : leaveCampaign;
  const columns = checkColumns(request.experiment.columns, counting, balance, folder, ways);
  if (!columns.ok) return columns;
  const wishes = effectiveWishes(request, balance);
  const hasWork =
    request.engine !== undefined || settled.size < slice.length || wishes.retryFailed || wishes.rerunOlderCode;
  const found = { journal, settled, balance, slice, sessions: fold.sessions };
  if (!hasWork) {
    const summary = await findComplete(request, folder, outside, found);
    if (summary !== undefined) return ok({ kind: 'finished', summary, folder });
  }
  const change = findCodeChange(fold, request.build.code);
  if (hasWork && change !== undefined && !request.rerunOlderCode && !(await request.acceptCode(change))) {
    return refuseCode(change, folder);
  }
  if (request.rerunOlderCode) dropOlderCheckpoints(folder, fold.sessions, request.build.code);
  if (fold.sessions.length > 0) tellFound(request, found, change === undefined);
  return new ShareRun({ ...request, ...wishes }, { folder, reading, journal, here, slice, outside, guard }).run(
    hasWork,
  );
}

const runAgain = '--rerun-older-code runs these jobs again; --fresh starts anew';
const leaveCampaign = '--fresh moves the folder aside';

function checkColumns(
  columns: readonly string[] | undefined,
  sessions: readonly JournalSession[],
  balance: Balance,
  folder: string,
  ways: string,
): Result<undefined> {
  const then = findOtherColumns(sessions, columns, balance);
  if (then === undefined) return ok(undefined);
  const hint = `name them as before to go on (in header.csv they may be called otherwise); ${ways}`;
  return refuseColumns(then, columns ?? [], folder, hint);
}

/** What an earlier start has left. */
interface Found {
  readonly journal: ShareJournal;
  readonly settled: Settled;
  readonly balance: Balance;
  readonly slice: Slice;
  readonly sessions: readonly JournalSession[];
}

/** The balance of a share of which everything is settled, where all that a run leaves behind is there. */
async function findComplete(
  request: ShareRequest,
  folder: string,
  { files }: Outside,
  { journal, settled, balance, slice, sessions }: Found,
): Promise<Summary | undefined> {
  const written = readConcluded(folder);
  const reduced = reduceRows(request.experiment, () => journal.outcomes(settled));
  const { endedAtMs = 0, activeMs } = written;
  const summary = summarize(request, { slice, balance, sessions, reduced: reduced.value, endedAtMs, activeMs });
  const isComplete =
    reduced.problem === undefined &&
    isConcluded(folder, written, summary, request.prepared) &&
    failuresAreWritten(request, folder, balance, summary.files.log ?? '', files) &&
    (await resultsAreWritten(request, folder, journal.parts(settled), files));
  return isComplete ? summary : undefined;
}

async function resultsAreWritten(
  request: ShareRequest,
  folder: string,
  parts: Iterable<SettledPart>,
  files: Files,
): Promise<boolean> {
  const layout = resultsLayoutOf(request, folder);
  return request.prepared.resolved.settings.results.compress
    ? holdsCompressed(layout, parts)
    : holdsResults(layout, parts, files);
}

/** What was asked for and there is something of. */
function effectiveWishes(
  { retryFailed, rerunOlderCode, build }: ShareRequest,
  { failures, codes }: Balance,
): Pick<ShareRequest, 'retryFailed' | 'rerunOlderCode'> {
  return {
    retryFailed: retryFailed && failures.size > 0,
    rerunOlderCode: rerunOlderCode && Object.keys(codes).some((code) => code !== build.code),
  };
}

function tellFound({ reporter }: ShareRequest, { journal, balance, slice }: Found, sameCode: boolean): void {
  reporter.on({
    type: 'continuing',
    atMs: Date.now(),
    total: slice.length,
    done: balance.done,
    failed: balance.failures.size,
    lastWrittenAtMs: statSync(journal.path).mtimeMs,
    sameCode,
  });
}

/** `files/` is named after indices: a job would write over what another one left there. */
function cannotRename(folder: string): Diagnostic {
  const message = `${folder}/files holds files of jobs whose index in the pool has changed`;
  const hint = 'add new jobs behind the old ones; --fresh moves the old results aside; --out FOLDER writes elsewhere';
  return { severity: 'error', message, hint };
}

function hasFiles(folder: string): boolean {
  const files = join(folder, 'files');
  return existsSync(files) && readdirSync(files).some((name) => !name.startsWith('.'));
}

function cannotUse(path: string, why: string): Diagnostic {
  const hint = 'it is left as it is; --fresh moves the whole folder aside, --out FOLDER writes elsewhere';
  return { severity: 'error', message: `${path} ${why}`, hint };
}

function cannotWrite(folder: string, error: Error): Diagnostic {
  return {
    severity: 'error',
    message: explainFileError(error)?.message ?? `${folder}: ${error.message}`,
    hint: 'make room, or make it writable, or write elsewhere with --out FOLDER',
  };
}
