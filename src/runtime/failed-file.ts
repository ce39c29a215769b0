import { rmSync, writeFileSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { escapeText } from '../core/escape-text.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { encodeJson } from '../core/json.ts';

/** A failed job, and on which machine. */
export interface FailedJob extends FoldedOutcome {
  readonly machine: string;
}

const columns = ['Job ID', 'Arguments', 'Machine', 'Attempts', 'Cause', 'Message', 'Stack'];

/** `failed.csv`: one line per job that failed for good; no file where none did. */
export function writeFailedFile(path: string, jobs: readonly FailedJob[]): void {
  if (jobs.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  const rows = jobs.map(({ outcome, machine }) => {
    const { job, args, attempt, result } = outcome;
    if (result.status !== 'failed') throw new Error('Internal error: a job among the failed that did not fail');
    const { cause, message, stack } = result.failure;
    return [String(job), encodeJson(args), machine, String(attempt), cause, escapeText(message), escapeText(stack)];
  });
  writeFileSync(path, stringify([columns, ...rows], { record_delimiter: '\n' }));
}
