import { existsSync } from 'node:fs';
import { ok, type Result } from '../core/diagnostic.ts';
import { checksum } from '../runtime/checksum.ts';
import { readJournalLines } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';
import type { Prepared } from './prepare.ts';
import { type ReadFolder, readFolder } from './read-folder.ts';
import { runFolderOf } from './share-request.ts';

/** What the journal of a machine tells of its speed. */
export interface MachineTimes {
  readonly folder: ReadFolder;
  /** Jobs that succeeded. */
  readonly jobs: number;
  readonly sumMs: number;
  /** Time that the machine was at work: from the start of each session to its last job. */
  readonly activeMs: number;
  /** Some of the times, spread evenly. */
  readonly sample: readonly number[];
}

const sampleMax = 10_000;

/** Reads the times of all jobs in run folders; where none are given, in those of the plan's machines beside the three files. */
export function readTimes(prepared: Prepared, folders: readonly string[]): Result<readonly MachineTimes[]> {
  const beside = prepared.machines
    .map(({ name }) => runFolderOf(prepared, name))
    .filter((it) => existsSync(journalPath(it)));
  const found: MachineTimes[] = [];
  for (const path of folders.length > 0 ? folders : beside) {
    const folder = readFolder(path, prepared);
    if (folder.ok) found.push(timesIn(folder.value));
    // Beside may lie what is of an older experiment.
    else if (folders.length > 0) return folder;
  }
  return ok(found);
}

function timesIn(folder: ReadFolder): MachineTimes {
  const { settled, path } = folder;
  const step = Math.ceil(Math.max(1, settled.size) / sampleMax);
  const ends = new Map<number, number>();
  const sample: number[] = [];
  let [jobs, sumMs] = [0, 0];
  for (const { outcome, session } of settled.outcomes(readJournalLines(path), checksum)) {
    ends.set(session.startedAtMs, Math.max(ends.get(session.startedAtMs) ?? 0, outcome.endedAtMs));
    if (outcome.result.status !== 'succeeded') continue;
    if (jobs++ % step === 0) sample.push(outcome.runMs);
    sumMs += outcome.runMs;
  }
  const activeMs = [...ends].reduce((sum, [startedAtMs, endedAtMs]) => sum + Math.max(0, endedAtMs - startedAtMs), 0);
  return { folder, jobs, sumMs, activeMs, sample };
}
