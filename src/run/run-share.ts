import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { readJournal } from '../runtime/journal-file.ts';
import { journalPath, lockPath } from '../runtime/run-folder.ts';
import { takeLock } from '../runtime/run-lock.ts';
import { resume } from './resume.ts';
import { runFolderOf, type ShareEnd, type ShareRequest } from './share-request.ts';
import { ShareRun } from './share-run.ts';

/** Runs one machine's share to its end, or goes on where an earlier session stopped. */
export async function runShare(request: ShareRequest): Promise<Result<ShareEnd>> {
  const folder = request.out ?? runFolderOf(request.prepared, request.machine);
  if (request.fresh) moveAside(folder);
  mkdirSync(folder, { recursive: true });
  const lock = takeLock(lockPath(folder));
  if (!lock.ok) return ok({ kind: 'locked', ...lock.holder, folder });
  try {
    const reading = await readJournal(journalPath(folder));
    const { prepared, build, retryFailed, acceptCode } = request;
    const found = resume(reading, prepared, build.code, folder, { retryFailed, acceptCode });
    if (!found.ok) return found;
    return await new ShareRun(request, folder, reading, found.value).run();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return failed(cannotWrite(folder, error));
    throw error;
  } finally {
    lock.release();
  }
}

function cannotWrite(folder: string, error: Error): Diagnostic {
  return { severity: 'error', message: `${folder}: ${error.message}`, hint: '--out FOLDER writes elsewhere' };
}

function moveAside(folder: string): void {
  if (!existsSync(folder)) return;
  for (let number = 1; number < 10_000; number++) {
    const aside = `${folder}.old${number}`;
    if (existsSync(aside)) continue;
    renameSync(folder, aside);
    return;
  }
}
