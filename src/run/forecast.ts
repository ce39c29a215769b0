import type { Machine } from '../config/machines.ts';
import type { MachineName } from '../core/ids.ts';
import { approximateRatio } from '../core/ratio.ts';
import type { Share } from '../core/shares.ts';

export interface Forecast {
  readonly machine: MachineName;
  readonly jobs: number;
  readonly ms: number;
}

/** How long each machine needs for its share, from the mean time of a job on a core of weight `weightHere`. */
export function forecastShares(
  { shares, machines }: { readonly shares: readonly Share[]; readonly machines: readonly Machine[] },
  meanMs: number,
  weightHere: number,
): readonly Forecast[] {
  return shares.map(({ machine, from, to }) => {
    const entry = machines.find(({ name }) => name === machine);
    const weight = entry === undefined ? weightHere : approximateRatio(entry.weight);
    const ms = (meanMs * (to - from) * weightHere) / (weight * (entry?.cores ?? 1));
    return { machine, jobs: to - from, ms };
  });
}
