import type { MachineName } from '../core/ids.ts';
import type { FoldedOutcome, JournalFold } from '../core/journal/fold.ts';
import { Settled, type SettledPart, UnreadableLine } from '../core/journal/settled.ts';
import type { Share } from '../core/shares.ts';
import { checksum } from '../runtime/checksum.ts';
import { systemFiles } from '../runtime/files.ts';
import { readJournal, readJournalLines } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { forecastShares, type MachineForecast, type Seen } from './forecast.ts';
import type { Prepared } from './prepare.ts';
import { checkResume } from './resume.ts';
import { ShareJournal } from './share-journal.ts';
import { countShare, runFolderOf } from './share-request.ts';
import { sliceOf, withSettled } from './slice.ts';

/** `jobs`: of the share, with what else was settled there. */
type SeenShare = Seen & { readonly jobs: number };

/** For every machine of the plan, by the run folders beside the three files. */
export function forecastMachines(prepared: Prepared): readonly MachineForecast[] {
  const seen = new Map<MachineName, Seen>();
  const shares: Share[] = [];
  for (const { name } of prepared.machines) {
    const found = readSeen(prepared, name);
    seen.set(name, found);
    shares.push({ machine: name, from: 0, to: found.jobs });
  }
  return forecastShares({ shares, machines: prepared.machines }, seen);
}

/** What a start of this machine would find settled: also where the pool has grown meanwhile. */
function readSeen(prepared: Prepared, machine: MachineName): SeenShare {
  const folder = runFolderOf(prepared, machine);
  const path = journalPath(folder);
  const { fold } = readJournal(path);
  if (fold.header === undefined || !checkResume(fold, { prepared, machine }, folder).ok) {
    return { done: 0, failed: 0, meanMs: undefined, jobs: countShare(prepared, machine) };
  }
  const slice = sliceOf({ prepared, machine });
  const { settled } = new ShareJournal(folder, slice, prepared, systemFiles).settledBy(fold);
  const failed = settled.failures().size;
  const cores = fold.sessions.at(-1)?.cores;
  const jobs = withSettled(slice, settled).length;
  const done = settled.size - failed;
  return { jobs, done, failed, meanMs: meanOf(fold, path), ...(cores !== undefined && { cores }) };
}

/** Of all jobs: those that have gone to another machine meanwhile tell something, too. */
function meanOf(fold: JournalFold, path: string): number | undefined {
  let [count, sumMs] = [0, 0];
  for (const { lines } of fold.eras) {
    for (const part of new Settled({ fold, lines }).parts(readJournalLines(path), checksum)) {
      for (const { outcome } of readableOutcomes(part)) {
        count++;
        sumMs += outcome.runMs;
      }
    }
  }
  return count === 0 ? undefined : sumMs / count;
}

/** A forecast can do without a line that nobody can read; a start says what is wrong with it. */
function readableOutcomes(part: SettledPart): readonly FoldedOutcome[] {
  try {
    return part.outcomes();
  } catch (error) {
    if (error instanceof UnreadableLine) return [];
    throw error;
  }
}
