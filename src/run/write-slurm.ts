import { basename, dirname, extname, resolve } from 'node:path';
import { escapeMachineName } from '../config/machine-name.ts';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { spellArrayScript } from '../core/slurm/array-script.ts';
import type { BatchJob } from '../core/slurm/batch-job.ts';
import { spellMergeScript } from '../core/slurm/merge-script.ts';
import { explainFileError } from '../runtime/file-error.ts';
import { replaceFile } from '../runtime/replace-file.ts';

/** Whole paths of what was written. */
export interface SlurmScripts {
  readonly array: string;
  readonly merge: string;
}

/** Writes both scripts, over older ones: beside the three files, or where `out` says. */
export function writeSlurm(job: BatchJob, out: string | undefined): Result<SlurmScripts> {
  const prefix = escapeMachineName(job.name);
  const array = resolve(job.folder, out === undefined ? `${prefix}.sbatch` : resolve(out));
  const merge = resolve(dirname(array), `${basename(array, extname(array))}-merge${extname(array)}`);
  try {
    replaceFile(array, spellArrayScript(job));
    replaceFile(merge, spellMergeScript(job, prefix));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const hint = 'make room, or write it elsewhere with --out FILE';
    const diagnostic: Diagnostic = {
      severity: 'error',
      message: explainFileError(error)?.message ?? error.message,
      hint,
    };
    return failed(diagnostic);
  }
  return ok({ array, merge });
}
