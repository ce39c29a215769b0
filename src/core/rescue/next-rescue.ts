import type { MachineFacts } from '../plan-facts.ts';
import { addGeneration, plannedMachines, type RescueChain } from './generation.ts';
import { countOf, joinRanges, type Range, subtract } from './ranges.ts';
import { responsibility } from './responsibility.ts';

/** What is to be rescued: from whom, and for whom. */
export interface RescueWish {
  /** `machines.json` as it is now, in order of the names. */
  readonly machines: readonly MachineFacts[];
  /** Gone for good, from now on. */
  readonly lost: readonly string[];
  /** Give up what they have not started. */
  readonly relieved: readonly string[];
  /** Lost ones that are back. */
  readonly back: readonly string[];
  /** Everything that is left is split, also where some are lost or relieved. */
  readonly all?: boolean;
}

export type NextRescue =
  | { readonly kind: 'split'; readonly chain: RescueChain }
  /** Those of whom jobs would be taken have none left. */
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'nobody-left' };

/**
 * The chain with one rescue more. With `lost` or `relieved`, what these have left goes to the others, and what those have
 * that are in `machines` no more; with neither, or `all`,
 * everything that is left goes to all who stay. What follows is decided by the arguments alone, so that whoever makes the
 * rescue, from the same copies in whatever order, makes the same one. `settled`: positions of the plan's order.
 */
export function nextRescue(
  chain: RescueChain,
  { machines, lost, relieved, back, all }: RescueWish,
  settled: readonly Range[],
): NextRescue {
  const { plan, generations } = chain;
  const before = generations.at(-1)?.lost ?? [];
  const gone = sortedNames([...before.filter((name) => !back.includes(name)), ...lost]);
  const gives = sortedNames(relieved);
  if (machines.every(({ name }) => gone.includes(name) || gives.includes(name))) return { kind: 'nobody-left' };
  const pieces = responsibility(plan.jobs, plannedMachines(plan.machines), generations);
  const takesAll = all === true || lost.length + relieved.length === 0;
  const staying = new Set(machines.map(({ name }) => name));
  for (const name of [...lost, ...relieved]) staying.delete(name);
  const from = takesAll ? pieces : pieces.filter(({ machine }) => !staying.has(machine));
  const positions = subtract(joinRanges(from), settled);
  if (countOf(positions) === 0) return { kind: 'nothing-left' };
  return { kind: 'split', chain: addGeneration(chain, { machines, lost: gone, relieved: gives, positions }) };
}

function sortedNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
