import type { MachineName } from '../ids.ts';
import { cutShares, type PlannedMachine } from '../shares.ts';
import type { Piece } from './piece.ts';
import { countOf, intersect, type Range } from './ranges.ts';

/**
 * Splits `jobs` among `takers` in proportion to weight × cores, exactly. Whoever was responsible for some of them keeps
 * the first ones, up to its part: a machine that is running goes on undisturbed and gives up what it would have come to
 * last. What is given up goes in stretches to those who have too little, in order of their names. The result covers
 * `jobs` exactly once; it follows from the arguments alone.
 */
export function splitJobs(
  jobs: readonly Range[],
  before: readonly Piece[],
  takers: readonly PlannedMachine[],
): readonly Piece[] {
  const wanted = new Map<MachineName, number>();
  for (const { machine, from, to } of cutShares(countOf(jobs), takers)) wanted.set(machine, to - from);
  const split: Piece[] = [];
  const free: Range[] = [];
  for (const { machine, from, to } of intersect(before, jobs)) {
    const keptTo = Math.min(to, from + (wanted.get(machine) ?? 0));
    if (keptTo > from) {
      split.push({ machine, from, to: keptTo });
      wanted.set(machine, (wanted.get(machine) ?? 0) - (keptTo - from));
    }
    if (keptTo < to) free.push({ from: keptTo, to });
  }
  return [...split, ...dealOut(free, wanted)];
}

/** `wanted` is in order of names, and comes to the number of free jobs. */
function dealOut(free: readonly Range[], wanted: ReadonlyMap<MachineName, number>): readonly Piece[] {
  const dealt: Piece[] = [];
  let at = 0;
  let from = free[0]?.from ?? 0;
  for (const [machine, count] of wanted) {
    for (let left = count; left > 0; ) {
      const range = free[at];
      if (range === undefined) throw new Error('Internal error: more jobs are wanted than there are');
      const to = Math.min(range.to, from + left);
      dealt.push({ machine, from, to });
      left -= to - from;
      if (to === range.to) from = free[++at]?.from ?? 0;
      else from = to;
    }
  }
  return dealt;
}
