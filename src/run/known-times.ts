import type { MachineName } from '../core/ids.ts';
import { readJournal } from '../runtime/journal-file.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { forecastShares, type MachineForecast, type Seen } from './forecast.ts';
import type { Prepared } from './prepare.ts';
import { checkResume } from './resume.ts';
import { runFolderOf } from './share-request.ts';
import { settledIn, sliceOf } from './slice.ts';

const nothing: Seen = { done: 0, failed: 0, meanMs: undefined };

/** For every machine of the plan, by the run folders beside the three files. */
export async function forecastMachines(prepared: Prepared): Promise<readonly MachineForecast[]> {
  const seen = new Map<MachineName, Seen>();
  for (const { name } of prepared.machines) seen.set(name, await readSeen(prepared, name));
  return forecastShares(prepared, seen);
}

/** What a start of this machine would find settled: also where the pool has grown meanwhile. */
async function readSeen(prepared: Prepared, machine: MachineName): Promise<Seen> {
  const folder = runFolderOf(prepared, machine);
  const { fold } = await readJournal(journalPath(folder));
  if (fold.header === undefined || !checkResume(fold, { prepared, machine }, folder).ok) return nothing;
  const settled = settledIn(sliceOf({ prepared, machine }), fold, prepared);
  const failed = [...settled.outcomes.values()].filter(({ outcome }) => outcome.result.status === 'failed').length;
  // Times tell something of jobs that have gone to another machine, too.
  const times = [...fold.outcomes.values(), ...fold.earlier.values()].map(({ outcome }) => outcome.runMs);
  const meanMs = times.length === 0 ? undefined : times.reduce((a, b) => a + b, 0) / times.length;
  const cores = fold.sessions.at(-1)?.cores;
  return { done: settled.outcomes.size - failed, failed, meanMs, ...(cores !== undefined && { cores }) };
}
