import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { readJournal } from '../runtime/journal-file.ts';
import { realOutside } from '../runtime/outside.ts';
import { syncFolder } from '../runtime/replace-file.ts';
import { journalPath, lockPath } from '../runtime/run-folder.ts';
import { takeLock } from '../runtime/run-lock.ts';
import { resume } from './resume.ts';
import { runFolderOf, type ShareEnd, type ShareRequest } from './share-request.ts';
import { ShareRun } from './share-run.ts';

/** Runs one machine's share to its end, or goes on where an earlier session stopped. */
export async function runShare(request: ShareRequest): Promise<Result<ShareEnd>> {
  const folder = request.out ?? runFolderOf(request.prepared, request.machine);
  const outside = request.outside ?? realOutside();
  const { files } = outside;
  let release = (): void => undefined;
  try {
    if (request.fresh) moveAside(folder);
    if (files.makeFolder(folder)) syncFolder(files, dirname(folder));
    const lock = takeLock(lockPath(folder), files);
    if (!lock.ok) return ok({ kind: 'locked', ...lock.holder, folder });
    release = lock.release;
    const reading = await readJournal(journalPath(folder), files);
    if (reading.unusable !== undefined) return failed(cannotUse(journalPath(folder), reading.unusable));
    const { prepared, build, retryFailed, acceptCode } = request;
    const found = resume(reading, prepared, build.code, folder, { retryFailed, acceptCode });
    if (!found.ok) return found;
    return await new ShareRun(request, folder, reading, found.value, outside, lock.whyLost).run();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return failed(cannotWrite(folder, error));
    throw error;
  } finally {
    release();
  }
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

function moveAside(folder: string): void {
  if (!existsSync(folder)) return;
  for (let number = 1; number < 10_000; number++) {
    const aside = `${folder}.old${number}`;
    if (existsSync(aside)) continue;
    renameSync(folder, aside);
    return;
  }
}
