import type { MachineName } from './ids.ts';
import type { Ratio } from './ratio.ts';

export interface PlannedMachine {
  readonly name: MachineName;
  /** Relative speed of one core, above 0. */
  readonly weight: Ratio;
  /** Whole number above 0. */
  readonly cores: number;
}

/** One machine's slice of the plan's order: positions `from` to `to`, which is not included. */
export interface Share {
  readonly machine: MachineName;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts `total` jobs into contiguous slices in proportion to weight × cores, machines in order of their names. All in
 * whole numbers: the slices are disjoint and cover everything whatever the weights are.
 */
export function cutShares(total: number, machines: readonly PlannedMachine[]): readonly Share[] {
  const sorted = machines.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const common = sorted.reduce((product, { weight }) => leastCommonMultiple(product, weight.denominator), 1n);
  const powers = sorted.map(({ weight, cores }) => (weight.numerator * common * BigInt(cores)) / weight.denominator);
  const sum = powers.reduce((a, b) => a + b, 0n);
  let before = 0n;
  return sorted.map(({ name }, index) => {
    const from = Number((BigInt(total) * before) / sum);
    before += powers[index] ?? 0n;
    return { machine: name, from, to: Number((BigInt(total) * before) / sum) };
  });
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}
