import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { type JobIndex, jobIndex } from '../core/ids.ts';
import { decodeJson, encodeJson } from '../core/json.ts';
import type { Prepared } from './prepare.ts';

/**
 * The job that somebody names: by its index (`17`), or by its identity, which is its arguments as JSON and, for the second of
 * equal jobs and those after it, the how-manieth it is: `[100,3]`, `["a"]#1`.
 */
export function findJob(named: string, { pool, occurrences }: Prepared): Result<JobIndex> {
  const text = named.trim();
  if (/^\d+$/.test(text)) {
    const index = Number(text);
    if (index < pool.length) return ok(jobIndex(index));
    return failed(
      error(
        `there is no job ${text}`,
        pool.length === 1 ? 'the pool has only job 0' : `the pool has jobs 0 to ${pool.length - 1}`,
      ),
    );
  }
  const identity = parseIdentity(text);
  if (identity === undefined) {
    const hint = 'give its index (17), or its arguments as JSON ([100,3]; of equal jobs the second one [100,3]#1)';
    return failed(error(`${JSON.stringify(text)} names no job`, hint));
  }
  for (let index = 0; index < pool.length; index++) {
    const job = jobIndex(index);
    if ((occurrences.get(job) ?? 0) !== identity.occurrence) continue;
    if (pool.spell(index) === identity.argsJson) return ok(job);
  }
  return failed(error(`no job has the arguments ${text}`, `job 0 has ${pool.spell(0)}`));
}

function parseIdentity(text: string): { readonly argsJson: string; readonly occurrence: number } | undefined {
  const [, args = '', occurrence = '0'] = /^(\[.*\])(?:#(\d{1,9}))?$/s.exec(text) ?? [];
  try {
    return { argsJson: encodeJson(decodeJson(args)), occurrence: Number(occurrence) };
  } catch {
    return undefined;
  }
}

function error(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
