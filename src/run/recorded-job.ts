import { existsSync } from 'node:fs';
import { ok, type Result } from '../core/diagnostic.ts';
import { type JobIndex, jobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { LastLines } from '../core/journal/last-lines.ts';
import { encodeJson } from '../core/json.ts';
import { checksum } from '../runtime/checksum.ts';
import { readJournalLines } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { allMachines, type Prepared } from './prepare.ts';
import { readFolder } from './read-folder.ts';
import type { Replay } from './run-job-here.ts';
import { runFolderOf } from './share-request.ts';

/** What a journal says of a job. */
export interface RecordedJob extends FoldedOutcome {
  readonly folder: string;
}

/** Looks for a job in run folders; `undefined`: in those beside the three files. */
export function findRecorded(
  prepared: Prepared,
  job: JobIndex,
  folders: readonly string[] | undefined,
): Result<readonly RecordedJob[]> {
  const names = [...new Set([...prepared.machines.map(({ name }) => name), allMachines])];
  const beside = names.map((name) => runFolderOf(prepared, name)).filter((it) => existsSync(journalPath(it)));
  const found: RecordedJob[] = [];
  for (const folder of folders ?? beside) {
    const read = readFolder(folder, prepared);
    // Beside may lie what is of an older experiment.
    if (!read.ok && folders === undefined) continue;
    if (!read.ok) return read;
    const { settled, path } = read.value;
    const line = settled.lines.get(job);
    if (line === 0) continue;
    const only = new LastLines();
    only.set(jobIndex(job), line);
    for (const it of settled.within(only).outcomes(readJournalLines(path), checksum)) found.push({ ...it, folder });
  }
  return ok(found);
}

export type Comparison =
  | { readonly kind: 'equal' }
  | { readonly kind: 'differs'; readonly recorded: string; readonly here: string };

/** Whether a replay came to what is recorded, bit for bit; of failures, whether the message is the same. */
export function compareWithRecorded(replay: Replay, { outcome: { result } }: RecordedJob): Comparison {
  const recorded =
    result.status === 'succeeded'
      ? spellRows(result.rows)
      : `failed (${result.failure.cause}): ${result.failure.message}`;
  const here =
    replay.kind === 'succeeded'
      ? `[${replay.rows.map(({ json }) => `[${json}]`).join(',')}]`
      : `failed (${replay.failure.cause}): ${replay.failure.message}`;
  return recorded === here ? { kind: 'equal' } : { kind: 'differs', recorded, here };
}

function spellRows(rows: readonly (readonly unknown[])[]): string {
  return `[${rows.map((row) => encodeJson(row)).join(',')}]`;
}
