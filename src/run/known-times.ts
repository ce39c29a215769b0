import type { MachineName } from '../core/ids.ts';
import { approximateRatio } from '../core/ratio.ts';
import { readJournal } from '../runtime/journal-file.ts';
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
export async function forecastMachines(prepared: Prepared): Promise<readonly MachineForecast[]> {
  const seen = new Map<MachineName, Seen>();
  for (const { name } of prepared.machines) seen.set(name, await readSeen(prepared, name));
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

async function readSeen(prepared: Prepared, machine: MachineName): Promise<Seen> {
  const { fold } = await readJournal(journalPath(runFolderOf(prepared, machine)));
  if (fold.header?.planDigest !== prepared.planDigest) return { done: 0, failed: 0, meanMs: undefined };
  const outcomes = [...fold.outcomes.values()].map(({ outcome }) => outcome);
  const failed = outcomes.filter(({ result }) => result.status === 'failed').length;
  const sumMs = outcomes.reduce((sum, { runMs }) => sum + runMs, 0);
  const meanMs = outcomes.length === 0 ? undefined : sumMs / outcomes.length;
  return { done: outcomes.length - failed, failed, meanMs };
}

/** What a job takes on a core of weight 1, as the machines that have run some tell together. */
function meanAtUnitWeight({ machines }: Prepared, seen: ReadonlyMap<MachineName, Seen>): number | undefined {
  const times = machines.flatMap(({ name, weight }) => {
    const meanMs = seen.get(name)?.meanMs;
    return meanMs === undefined ? [] : [meanMs * approximateRatio(weight)];
  });
  return times.length === 0 ? undefined : times.reduce((a, b) => a + b, 0) / times.length;
}
