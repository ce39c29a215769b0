import type { Machine } from '../config/machines.ts';
import type { MachineName } from '../core/ids.ts';
import { approximateRatio } from '../core/ratio.ts';
import type { Share } from '../core/shares.ts';

/** How far a machine is, and how long it still needs where that can be known. */
export interface MachineForecast {
  readonly machine: MachineName;
  readonly jobs: { readonly total: number; readonly done: number; readonly failed: number };
  readonly leftMs: number | undefined;
}

/** What is known of a machine. */
export interface Seen {
  readonly done: number;
  readonly failed: number;
  /** Mean time of a job; `undefined` where none has run. */
  readonly meanMs: number | undefined;
  /** Workers of its last start, where that is known: `--cores` may have said otherwise than machines.json. */
  readonly cores?: number;
}

interface Plan {
  readonly shares: readonly Share[];
  readonly machines: readonly Machine[];
}

/** A thousand years: beyond it a number says nothing, and no date can be made of it. */
const forecastMaxMs = 1_000 * 365 * 86_400_000;

/**
 * For every machine of the plan: from its own job times, else from `unitMs`, what a job takes on a core of weight 1;
 * by default as the machines that have run some tell together.
 */
export function forecastShares(
  { shares, machines }: Plan,
  seen: ReadonlyMap<MachineName, Seen>,
  unitMs: number | undefined = meanAtUnitWeight(machines, seen),
): readonly MachineForecast[] {
  return shares.map(({ machine, from, to }) => {
    const { done = 0, failed = 0, meanMs, cores } = seen.get(machine) ?? {};
    const entry = machines.find(({ name }) => name === machine);
    const jobMs =
      meanMs ?? (unitMs === undefined || entry === undefined ? undefined : unitMs / approximateRatio(entry.weight));
    const left = Math.max(0, to - from - done - failed);
    const leftMs = jobMs === undefined ? Number.POSITIVE_INFINITY : (left * jobMs) / (cores ?? entry?.cores ?? 1);
    const jobs = { total: to - from, done, failed };
    return { machine, jobs, leftMs: leftMs < forecastMaxMs ? leftMs : undefined };
  });
}

function meanAtUnitWeight(machines: readonly Machine[], seen: ReadonlyMap<MachineName, Seen>): number | undefined {
  const times = machines.flatMap(({ name, weight }) => {
    const meanMs = seen.get(name)?.meanMs;
    return meanMs === undefined ? [] : [meanMs * approximateRatio(weight)];
  });
  return times.length === 0 ? undefined : times.reduce((a, b) => a + b, 0) / times.length;
}
