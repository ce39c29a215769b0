import { stringify } from 'csv-stringify/sync';
import { escapeText } from '../core/escape-text.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { encodeJson } from '../core/json.ts';
import { codeOf, type Files, readText, systemFiles } from './files.ts';
import { tryReplaceFile, whyNot } from './replace-file.ts';

/** A failed job, and on which machine. */
export interface FailedJob extends FoldedOutcome {
  readonly machine: string;
  /** The log that tells of it, where it is another one than that of the others. */
  readonly log?: string;
}

const columns = ['Job ID', 'Arguments', 'Machine', 'Attempts', 'Cause', 'Message', 'Stack', 'Log'];

/**
 * `failed.csv`: one line per job that failed for good; no file where none did. `logName` is the log within the run
 * folder. Says why it cannot be written: a run can do without.
 */
export function writeFailedFile(
  path: string,
  jobs: readonly FailedJob[],
  logName: string = 'logs/run.log',
  files: Files = systemFiles,
): string | undefined {
  if (jobs.length === 0) return whyNot(() => files.remove(path));
  return tryReplaceFile(path, spell(jobs, logName), files);
}

/** Whether the file is what would be written. Only looks. */
export function holdsFailed(path: string, jobs: readonly FailedJob[], logName: string, files: Files): boolean {
  try {
    return readText(files, path) === spell(jobs, logName);
  } catch (error) {
    return jobs.length === 0 && codeOf(error) === 'ENOENT';
  }
}

function spell(jobs: readonly FailedJob[], logName: string): string {
  return spellHeader() + spellFailed(jobs, logName);
}

/** The first line of `failed.csv`. */
export function spellHeader(): string {
  return stringify([columns], { record_delimiter: '\n' });
}

/** Its other lines. */
export function spellFailed(jobs: readonly FailedJob[], logName: string): string {
  const rows = jobs.map(({ outcome, machine, log = logName }) => {
    const { job, args, attempt, result } = outcome;
    if (result.status !== 'failed') throw new Error('Internal error: a job among the failed that did not fail');
    const { cause, message, stack } = result.failure;
    // With the text to search for, as it stands in the log.
    const place = `${log}: job ${job} attempt ${attempt} (search "job":${job},)`;
    return [
      String(job),
      encodeJson(args),
      machine,
      String(attempt),
      cause,
      escapeText(message),
      escapeText(stack),
      place,
    ];
  });
  return rows.length === 0 ? '' : stringify(rows, { record_delimiter: '\n' });
}
