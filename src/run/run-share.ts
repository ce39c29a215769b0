import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { readJournal, type WriteGuard } from '../runtime/journal-file.ts';
import { type Outside, realOutside } from '../runtime/outside.ts';
import { syncFolder } from '../runtime/replace-file.ts';
import { holdsResults } from '../runtime/results-file.ts';
import { journalPath, lockPath, stopPath } from '../runtime/run-folder.ts';
import { takeLock } from '../runtime/run-lock.ts';
import { clearStopFile } from '../runtime/stop-file.ts';
import { failuresAreWritten, summarize } from './conclude.ts';
import { dropOlderCheckpoints } from './drop-checkpoints.ts';
import { resultsLayoutOf } from './results-layout.ts';
import { checkResume, findCodeChange, refuseCode } from './resume.ts';
import { runFolderOf, type ShareEnd, type ShareRequest } from './share-request.ts';
import { ShareRun } from './share-run.ts';
import { type SettledHere, type Slice, settledIn, sliceOf } from './slice.ts';
import { isConcluded } from './summary.ts';

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
    return await goOn(request, folder, outside, lock.whyLost);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return failed(cannotWrite(folder, error));
    throw error;
  } finally {
    release();
  }
}

async function goOn(
  request: ShareRequest,
  folder: string,
  outside: Outside,
  guard: WriteGuard,
): Promise<Result<ShareEnd>> {
  const reading = await readJournal(journalPath(folder), outside.files);
  if (reading.unusable !== undefined) return failed(cannotUse(journalPath(folder), reading.unusable));
  const { fold } = reading;
  const fits = checkResume(fold, request, folder);
  if (!fits.ok) return fits;
  const slice = sliceOf(request);
  const found = settledIn(slice, fold, request.prepared);
  if (found.renumbered && hasFiles(folder)) return failed(cannotRename(folder));
  const wishes = effectiveWishes(request, found);
  const hasWork = found.outcomes.size < slice.length || wishes.retryFailed || wishes.rerunOlderCode;
  if (!hasWork) {
    const endedAtMs = [...found.outcomes.values()].reduce((last, { outcome }) => Math.max(last, outcome.endedAtMs), 0);
    const summary = summarize(request, fold, found.outcomes, slice, endedAtMs);
    const { outcomes } = found;
    const isComplete =
      isConcluded(folder, summary, request.prepared) &&
      failuresAreWritten(request, folder, outcomes, summary.files.log ?? '', outside.files) &&
      holdsResults(resultsLayoutOf(request, folder), outcomes.values(), outside.files);
    if (isComplete) return ok({ kind: 'finished', summary, folder });
  }
  const change = findCodeChange(fold, request.build.code);
  if (hasWork && change !== undefined && !request.rerunOlderCode && !(await request.acceptCode(change))) {
    return refuseCode(change, folder);
  }
  if (request.rerunOlderCode) dropOlderCheckpoints(folder, fold.sessions, request.build.code);
  if (fold.sessions.length > 0) tellFound(request, folder, slice, found, change === undefined);
  return new ShareRun({ ...request, ...wishes }, { folder, reading, slice, outside, guard }).run(hasWork);
}

/** What was asked for and there is something of. */
function effectiveWishes(
  { retryFailed, rerunOlderCode, build }: ShareRequest,
  { outcomes }: SettledHere,
): Pick<ShareRequest, 'retryFailed' | 'rerunOlderCode'> {
  const all = [...outcomes.values()];
  return {
    retryFailed: retryFailed && all.some(({ outcome }) => outcome.result.status === 'failed'),
    rerunOlderCode: rerunOlderCode && all.some(({ session }) => session.codeFingerprint !== build.code),
  };
}

function tellFound(
  { reporter }: ShareRequest,
  folder: string,
  slice: Slice,
  found: SettledHere,
  sameCode: boolean,
): void {
  const failures = [...found.outcomes.values()].filter(({ outcome }) => outcome.result.status === 'failed').length;
  reporter.on({
    type: 'continuing',
    atMs: Date.now(),
    total: slice.length,
    done: found.outcomes.size - failures,
    failed: failures,
    lastWrittenAtMs: statSync(journalPath(folder)).mtimeMs,
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
    message: `${folder}: ${error.message}`,
    hint: 'make it writable, or write elsewhere with --out FOLDER',
  };
}
