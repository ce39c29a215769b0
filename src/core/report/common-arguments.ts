import type { ArgumentCounts, PositionCounts } from './argument-counts.ts';

/** What failed jobs have in common in one of their arguments. `position` counts from 1. */
export type CommonArgument =
  | {
      readonly kind: 'value';
      readonly position: number;
      /** As JSON. */
      readonly value: string;
      /** Failed jobs of the group with this value. */
      readonly failed: number;
      /** All settled jobs with it; `undefined` where there were too many values to keep count. */
      readonly settled: number | undefined;
    }
  | {
      readonly kind: 'range';
      readonly position: number;
      readonly from: number;
      readonly to: number;
      readonly allFrom: number;
      readonly allTo: number;
    };

/** Below two jobs everything is in common, */
const failedMin = 2;
/** and so few numbers lie close together by chance. */
const failedForRangeMin = 8;
/** A value is worth naming when so large a part of the failed jobs has it … */
const coverageMin = 0.5;
/** … and so many times the part that it has of all jobs. */
const liftMin = 2;
/** A range is worth naming when it is not more than this part of all values' range. */
const rangeShareMax = 0.5;
const findingsMax = 5;

/** What the jobs of a group of failures have in common that not all jobs have; the most telling first. */
export function findCommonArguments(group: ArgumentCounts, all: ArgumentCounts): readonly CommonArgument[] {
  if (group.jobs < failedMin) return [];
  const found: { readonly argument: CommonArgument; readonly lift: number }[] = [];
  group.positions.forEach((inGroup, at) => {
    const inAll = all.positions[at];
    if (inAll === undefined) return;
    const finding = findValue(inGroup, group.jobs, inAll, all.jobs, at + 1) ?? findRange(inGroup, inAll, at + 1);
    if (finding !== undefined) found.push(finding);
  });
  return found
    .sort((a, b) => b.lift - a.lift)
    .slice(0, findingsMax)
    .map(({ argument }) => argument);
}

type Finding = { readonly argument: CommonArgument; readonly lift: number };

function findValue(
  inGroup: PositionCounts,
  groupJobs: number,
  inAll: PositionCounts,
  allJobs: number,
  position: number,
): Finding | undefined {
  const [value, failed] = [...inGroup.counts].reduce((most, next) => (next[1] > most[1] ? next : most), ['', 0]);
  const settled = inAll.counts.get(value);
  const coverage = failed / groupJobs;
  // A value that is not counted is a rare one: there are hundreds of others.
  const base = (settled ?? failed) / allJobs;
  const isTelling = coverage >= coverageMin && coverage >= liftMin * base;
  if (!isTelling && !(failed === groupJobs && base < 1)) return undefined;
  return { argument: { kind: 'value', position, value: String(value), failed, settled }, lift: coverage / base };
}

function findRange(inGroup: PositionCounts, inAll: PositionCounts, position: number): Finding | undefined {
  if (!inGroup.hasOnlyNumbers || !inAll.hasOnlyNumbers) return undefined;
  const jobs = [...inGroup.counts.values()].reduce((sum, count) => sum + count, 0);
  const [share, all] = [inGroup.maximum - inGroup.minimum, inAll.maximum - inAll.minimum];
  if (jobs < failedForRangeMin || !(all > 0) || share > rangeShareMax * all) return undefined;
  const { minimum: from, maximum: to } = inGroup;
  const argument = { kind: 'range', position, from, to, allFrom: inAll.minimum, allTo: inAll.maximum } as const;
  return { argument, lift: all / Math.max(share, all / 1_000) };
}
