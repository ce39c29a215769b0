import { sharesMax } from '../../core/equal-shares.ts';
import { type ArrayRange, shareOfElement } from './array-range.ts';
import { type Finding, type Numbers, unusable, withoutCount } from './finding.ts';

/** One way in which processes are told which of many they are. */
export interface Scheduler {
  readonly name: string;
  /** What is read, the index first. */
  readonly variables: readonly string[];
  /** Where these variables are documented. */
  readonly source: string;
  /** `undefined`: nothing of this scheduler is here. */
  readonly find: (numbers: Numbers, scheduler: Scheduler) => Finding | undefined;
}

/** Index, first, last, step and, where it is told, count. */
export function findElement(numbers: Numbers, scheduler: Scheduler): Finding | undefined {
  const [name = ''] = scheduler.variables;
  if (!numbers.has(name)) return undefined;
  const from = numbers.spell(scheduler.variables);
  const [index, first, last, step, count] = scheduler.variables.map((variable) => numbers.get(variable));
  if (index === undefined) return unusable(from, `${name} is no number (${from})`, 'give --share i/n');
  const isWhole = first !== undefined && last !== undefined && step !== undefined;
  if (!isWhole || (scheduler.variables.length > 4 && count === undefined)) {
    return withoutCount(from, scheduler.name, `--share $${name}/N (of an array 1-N)`);
  }
  return judge({ index, first, last, step, count }, from, scheduler);
}

export function judge(range: ArrayRange, from: string, { name, variables }: Scheduler, isRegular = true): Finding {
  const share = isRegular
    ? shareOfElement(range)
    : { why: 'its indices have a step, and where they begin is not told' };
  if (!('why' in share)) return { kind: 'share', share, from };
  const hint = `say it: --share $${variables[0]}/N of an array 1-N; or submit the whole array, from 1, without gaps`;
  return unusable(from, `${name} cannot be taken as it is (${from}): ${share.why}`, hint);
}

/** A rank from 0, and how many there are. */
export function findRank(
  numbers: Numbers,
  { name, variables: [rank = '', size = ''] }: Scheduler,
): Finding | undefined {
  if (!numbers.has(rank)) return undefined;
  const from = numbers.spell([rank, size]);
  const [index, count] = [numbers.get(rank), numbers.get(size)];
  if (!numbers.has(size)) return withoutCount(from, name, `--share $((${rank} + 1))/N`);
  if (index === undefined || count === undefined || index >= count || count > sharesMax) {
    return unusable(
      from,
      `${name} cannot be taken as it is (${from})`,
      `give --share i/n, at most ${sharesMax} shares`,
    );
  }
  return { kind: 'share', share: { index: index + 1, count }, from };
}

export function findLoneIndex(numbers: Numbers, { name, variables }: Scheduler, flag: string): Finding | undefined {
  return numbers.has(variables[0] ?? '') ? withoutCount(numbers.spell(variables), name, flag) : undefined;
}
