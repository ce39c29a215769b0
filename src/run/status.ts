import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeBlockHead } from '../core/journal/block.ts';
import { decodeHead } from '../core/journal/line.ts';
import { decodeRecord, type JournalHeader } from '../core/journal/record.ts';
import { checksum } from '../runtime/checksum.ts';
import { readJournal, readJournalHeader, readJournalLines } from '../runtime/read-journal.ts';
import { journalPath, lockPath } from '../runtime/run-folder.ts';
import { findLivingHolder, type LockHolder } from '../runtime/run-lock.ts';
import { type RunStatus, readStatus } from '../runtime/status-file.ts';

/** How far the run of one folder is. */
export interface FolderStatus {
  readonly folder: string;
  readonly experiment: string;
  /** What its journal is about; `undefined`: another machine told how far it is. */
  readonly header: JournalHeader | undefined;
  readonly machine: string;
  /** `running`: its process lives; `finished`: all is settled; `stopped`: it can be gone on with. */
  readonly state: 'running' | 'finished' | 'stopped';
  readonly holder: LockHolder | undefined;
  /** Its jobs come from a server. While it runs, it tells of the jobs of all machines there. */
  readonly isOfCampaign: boolean;
  readonly jobs: { readonly total: number; readonly done: number; readonly failed: number; readonly retried: number };
  /** Jobs per second, when all will be done and what runs now: only while it is running. */
  readonly rate: number | undefined;
  readonly readyAtMs: number | undefined;
  /** It lets running jobs finish and starts nothing new: that is when it is ready. */
  readonly isStopping: boolean;
  readonly running: RunStatus['running'];
  /** When the journal was last written to. */
  readonly writtenAtMs: number;
}

type Counts = Pick<RunStatus, 'total' | 'done' | 'failed' | 'retried'>;

/** Only looks. Says why where the folder holds no run. */
export function readFolderStatus(folder: string): FolderStatus | { readonly problem: string } {
  const path = journalPath(folder);
  const header = readJournalHeader(path);
  const file = statSync(path, { throwIfNoEntry: false });
  if (header === undefined || file === undefined) return { problem: `${folder} holds no journal of a run` };
  const told = readStatus(folder);
  const isOfCampaign = header.joined === true;
  const holder = findLivingHolder(lockPath(folder));
  const all = isOfCampaign ? (told ?? countOwn(path)) : ((told && countOn(told, path, file.size)) ?? countAll(path));
  const state = holder !== undefined ? 'running' : all.done + all.failed >= all.total ? 'finished' : 'stopped';
  const { total, done, failed, retried } = isOfCampaign && holder === undefined ? countOwn(path) : all;
  const live = state === 'running' ? told : undefined;
  return {
    ...{
      folder,
      experiment: header.experiment,
      header,
      machine: header.machine || basename(folder),
      state,
      holder,
      isOfCampaign,
    },
    jobs: { total, done, failed, retried },
    rate: live?.rate,
    readyAtMs: live?.readyAtMs,
    isStopping: live?.isStopping === true,
    running: live?.running ?? [],
    writtenAtMs: file.mtimeMs,
  };
}

/** What was told, and what the journal has got since; `undefined` where only the whole journal can say it. */
function countOn(
  { journalBytes, total, done, failed, retried }: RunStatus,
  path: string,
  bytes: number,
): Counts | undefined {
  if (journalBytes > bytes) return undefined;
  const counts = { total, done, failed, retried };
  for (const line of readJournalLines(path, undefined, undefined, journalBytes)) {
    const head = decodeHead(line, checksum);
    if (!head.ok) return undefined;
    if (head.body.type === 'block') {
      const block = decodeBlockHead(head.body);
      if ('problem' in block) return undefined;
      counts.done += block.jobs.length;
      continue;
    }
    const record = decodeRecord(head.body);
    if ('problem' in record) return undefined;
    if (record.type === 'outcomes') counts.failed += record.list.length;
    else if (record.type === 'failed-attempt') counts.retried++;
    else return undefined;
  }
  return counts;
}

function countOwn(path: string): Counts {
  const counts = countAll(path);
  return { ...counts, total: counts.done + counts.failed };
}

function countAll(path: string): Counts {
  const { fold } = readJournal(path);
  const failed = fold.now.failures.size;
  const total = fold.sessions.findLast(({ share }) => share !== undefined)?.share ?? fold.header?.share ?? 0;
  return { total, done: fold.now.lines.size - failed, failed, retried: fold.retries };
}
