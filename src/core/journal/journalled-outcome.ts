import { attemptNumber, type JobIndex, workerId } from '../ids.ts';
import { isRecord } from '../is-record.ts';
import { reviveJson } from '../json.ts';
import type { Failure, FailureCause, JobFile } from '../outcome.ts';
import { isJobIndex } from './last-lines.ts';

/** An outcome as it stands in the journal: with the job's identity, so that it can be found again in another pool. */
export interface JournalledOutcome {
  readonly job: JobIndex;
  /** The job's arguments. */
  readonly args: readonly unknown[];
  /** The how-manieth of equal jobs this is, from 0. */
  readonly occurrence: number;
  readonly attempt: number;
  readonly worker: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly runMs: number;
  readonly result:
    | {
        readonly status: 'succeeded';
        readonly rows: readonly (readonly unknown[])[];
        /** Not there in journals of before, and where the job wrote none. */
        readonly files?: readonly JobFile[];
      }
    | { readonly status: 'failed'; readonly failure: Failure };
}

/** Reads one item of a line of outcomes; `undefined` for what no version of ours wrote. */
export function decodeOutcome(item: Readonly<Record<string, unknown>>): JournalledOutcome | undefined {
  if (!isJobIndex(item.job) || !Array.isArray(item.args)) return undefined;
  const result = decodeResult(item);
  if (result === undefined) return undefined;
  return {
    job: item.job,
    args: asArray(reviveJson(item.args)),
    occurrence: typeof item.same === 'number' ? item.same : 0,
    attempt: attemptNumber(Number(item.attempt)),
    worker: workerId(Number(item.worker)),
    startedAtMs: Number(item.start),
    endedAtMs: Number(item.end),
    runMs: Number(item.run),
    result,
  };
}

function decodeResult(item: Readonly<Record<string, unknown>>): JournalledOutcome['result'] | undefined {
  if (Array.isArray(item.rows) && item.rows.every(Array.isArray)) {
    const rows = asArray(reviveJson(item.rows)).map(asArray);
    if (item.files === undefined) return { status: 'succeeded', rows };
    const files = decodeFiles(item.files);
    return files && { status: 'succeeded', rows, files };
  }
  const failure = isRecord(item.failure) ? decodeFailure(item.failure) : undefined;
  return failure && { status: 'failed', failure };
}

export function decodeFiles(list: unknown): readonly JobFile[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const files: JobFile[] = [];
  for (const item of list) {
    if (!isRecord(item) || typeof item.name !== 'string') return undefined;
    files.push({ name: item.name, bytes: Number(item.bytes), sha256: String(item.sha256) });
  }
  return files;
}

const causes: ReadonlySet<unknown> = new Set<FailureCause>(['error', 'crash', 'timeout', 'memory', 'unstorable']);

export function decodeFailure(value: Readonly<Record<string, unknown>>): Failure | undefined {
  if (!isCause(value.cause)) return undefined;
  return { cause: value.cause, message: String(value.message), stack: String(value.stack) };
}

function isCause(value: unknown): value is FailureCause {
  return causes.has(value);
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
