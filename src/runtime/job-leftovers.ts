import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { encodeJson } from '../core/json.ts';
import { identityOf } from '../core/occurrences.ts';
import { checkpointDraftPath, checkpointPath, checkpointsPath, filesPath, isDraftFolder } from './run-folder.ts';

/** Removes what jobs leave in the run folder and nobody needs any more. Costs nothing where no job leaves anything. */
export class JobLeftovers {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** These jobs are settled on disk: their checkpoints go, and files of an earlier run of a job that wrote none now. */
  removeOf(settled: () => Iterable<FoldedOutcome>): void {
    const [checkpoints, files] = [existsSync(checkpointsPath(this.#folder)), existsSync(join(this.#folder, 'files'))];
    if (!checkpoints && !files) return;
    for (const { outcome } of settled()) {
      const { job, args, occurrence, result } = outcome;
      if (checkpoints) {
        const path = checkpointPath(this.#folder, identityOf(encodeJson(args), occurrence));
        remove(path);
        remove(checkpointDraftPath(path));
      }
      if (files && result.status === 'succeeded' && result.files === undefined) remove(filesPath(this.#folder, job));
    }
  }

  /** Between sessions: folders of attempts that never came to their end. No worker may be running. */
  removeDrafts(): void {
    const files = join(this.#folder, 'files');
    for (const name of namesIn(files)) if (isDraftFolder(name)) remove(join(files, name));
    removeIfEmpty(files);
    removeIfEmpty(checkpointsPath(this.#folder));
  }

  /** At the start: also checkpoints of jobs that were settled just before the last session was killed. */
  removeAll(settled: () => Iterable<FoldedOutcome>): void {
    this.removeDrafts();
    if (namesIn(checkpointsPath(this.#folder)).length > 0) this.removeOf(settled);
  }
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Held open by something (Windows); it does no harm and goes the next time.
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not empty, or not there.
  }
}
