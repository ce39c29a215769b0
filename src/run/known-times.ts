import type { MachineName } from '../core/ids.ts';
import { Settled } from '../core/journal/settled.ts';
import { approximateRatio } from '../core/ratio.ts';
import { checksum } from '../runtime/checksum.ts';
import { readJournal, readJournalLines } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';
import type { Prepared } from './prepare.ts';
import { runFolderOf } from './share-request.ts';

/** How far a machine is, by the run folder beside the three files, and how long it still needs where that can be known. */
export interface MachineForecast {
  readonly machine: MachineName;
  readonly jobs: { readonly total: number; readonly done: number; readonly failed: number };
  readonly leftMs: number | undefined;
}

/** A thousand years: beyond it a number says nothing, and no date can be made of it. */
const forecastMaxMs = 1_000 * 365 * 86_400_000;

interface Seen {
  readonly done: number;
  readonly failed: number;
  /** Mean time of a job; `undefined` where none has run. */
  readonly meanMs: number | undefined;
}

/** For every machine of the plan: from its own job times, else from the others' by weight. */
export function forecastMachines(prepared: Prepared): readonly MachineForecast[] {
  const seen = new Map<MachineName, Seen>();
  for (const { name } of prepared.machines) seen.set(name, readSeen(prepared, name));
  const unitMs = meanAtUnitWeight(prepared, seen);
  return prepared.shares.map(({ machine, from, to }) => {
    const { done = 0, failed = 0, meanMs } = seen.get(machine) ?? {};
    const entry = prepared.machines.find(({ name }) => name === machine);
    const jobMs =
      meanMs ?? (unitMs === undefined || entry === undefined ? undefined : unitMs / approximateRatio(entry.weight));
    const left = Math.max(0, to - from - done - failed);
    const leftMs = jobMs === undefined ? Number.POSITIVE_INFINITY : (left * jobMs) / (entry?.cores ?? 1);
    const jobs = { total: to - from, done, failed };
    return { machine, jobs, leftMs: leftMs < forecastMaxMs ? leftMs : undefined };
  });
}

function readSeen(prepared: Prepared, machine: MachineName): Seen {
  const path = journalPath(runFolderOf(prepared, machine));
  const { fold } = readJournal(path);
  const settled = new Settled({ fold, lines: fold.now.lines });
  if (fold.header?.planDigest !== prepared.planDigest) return { done: 0, failed: 0, meanMs: undefined };
  const failed = fold.now.failures.size;
  if (settled.size === 0) return { done: 0, failed, meanMs: undefined };
  let sumMs = 0;
  for (const { outcome } of settled.outcomes(readJournalLines(path), checksum)) sumMs += outcome.runMs;
  return { done: settled.size - failed, failed, meanMs: sumMs / settled.size };
}

/** What a job takes on a core of weight 1, as the machines that have run some tell together. */
function meanAtUnitWeight({ machines }: Prepared, seen: ReadonlyMap<MachineName, Seen>): number | undefined {
  const times = machines.flatMap(({ name, weight }) => {
    const meanMs = seen.get(name)?.meanMs;
    return meanMs === undefined ? [] : [meanMs * approximateRatio(weight)];
  });
  return times.length === 0 ? undefined : times.reduce((a, b) => a + b, 0) / times.length;
}
