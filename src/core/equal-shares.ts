import { type MachineName, machineName } from './ids.ts';
import { parseRatio } from './ratio.ts';
import type { PlannedMachine } from './shares.ts';

/** The `index`-th of `count` equal shares of the pool; both from 1. */
export interface EqualShare {
  readonly index: number;
  readonly count: number;
}

/** Every journal names all machines of its plan: more would only serve to fill the disk. */
export const sharesMax = 10_000;

/** `03of20`: what the machine of a share is called. Names sort as numbers do. */
export function nameOfShare({ index, count }: EqualShare): MachineName {
  return machineName(`${String(index).padStart(String(count).length, '0')}of${count}`);
}

/** The share that a machine's name stands for; `undefined`: it is a name like any other. */
export function shareOfName(name: string): EqualShare | undefined {
  const [, index, count] = /^(\d{1,5})of(\d{1,5})$/.exec(name) ?? [];
  const share = { index: Number(index), count: Number(count) };
  const isShare = share.index >= 1 && share.index <= share.count && share.count <= sharesMax;
  return isShare && nameOfShare(share) === name ? share : undefined;
}

/** The machines of a plan of equal shares: what any of them has for cores does not belong to the plan. */
export function machinesOfShares(count: number): readonly PlannedMachine[] {
  const weight = parseRatio('1');
  if (weight === undefined) throw new Error('Internal error: 1 is no number');
  return Array.from({ length: count }, (_, at) => ({ name: nameOfShare({ index: at + 1, count }), weight, cores: 1 }));
}

/** For how many equal shares a plan was cut, by the names of its machines in order; `undefined`: for other machines. */
export function countShares(names: readonly string[]): number | undefined {
  const count = names.length;
  return count > 0 && names.every((name, at) => name === nameOfShare({ index: at + 1, count })) ? count : undefined;
}
