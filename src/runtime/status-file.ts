import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isRecord } from '../core/is-record.ts';
import { draftOf } from './draft.ts';
import { systemFiles } from './files.ts';
import { removeQuietly } from './replace-file.ts';
import { statusPath } from './run-folder.ts';

/** How far a run is, as its process told it last: so that nobody has to read a whole journal to know it. */
export interface RunStatus {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Up to where the journal holds what is counted here. */
  readonly journalBytes: number;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly retried: number;
  /** Jobs per second. */
  readonly rate: number | undefined;
  /** While it is stopping: when the running jobs are done. */
  readonly readyAtMs: number | undefined;
  readonly isStopping?: boolean;
  readonly running: readonly RunningStatus[];
}

interface RunningStatus {
  readonly job: number;
  readonly worker: number;
  readonly sinceMs: number;
  readonly fraction: number | undefined;
  readonly message: string;
}

/** A courtesy: whatever goes wrong with it, the journal holds the truth. */
export function writeStatus(folder: string, status: RunStatus): void {
  const path = statusPath(folder);
  try {
    writeFileSync(draftOf(path), JSON.stringify({ version: 1, ...status }));
    renameSync(draftOf(path), path);
  } catch {
    return;
  }
}

/** What a session was about to write when it was killed; with the folder's lock only. */
export function clearStatusDraft(folder: string): void {
  removeQuietly(systemFiles, draftOf(statusPath(folder)));
}

/** `undefined` where there is none that can be understood. */
export function readStatus(folder: string): RunStatus | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(statusPath(folder), 'utf8'));
    if (!isRecord(value) || value.version !== 1) return undefined;
    const counts = ['atMs', 'journalBytes', 'total', 'done', 'failed', 'retried'] as const;
    if (counts.some((name) => !isCount(value[name]))) return undefined;
    const list = Array.isArray(value.running) ? value.running.filter(isRecord) : [];
    return {
      ...(value as unknown as RunStatus),
      rate: numberOr(value.rate),
      readyAtMs: numberOr(value.readyAtMs),
      isStopping: value.isStopping === true,
      running: list.map(({ job, worker, sinceMs, fraction, message }) => ({
        job: Number(job),
        worker: Number(worker),
        sinceMs: Number(sinceMs),
        fraction: numberOr(fraction),
        message: String(message ?? ''),
      })),
    };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function numberOr(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
