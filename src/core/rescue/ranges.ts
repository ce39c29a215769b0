/** Positions of the plan's order: `from` to `to`, which is not included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/*
 * Lists of ranges are ascending and disjoint throughout. What machines have left are few stretches of the order they run
 * their jobs in, so that a billion jobs take no more room than ten.
 */

export function countOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** What of `list` lies within `others`; whatever else the items say stays with their parts. */
export function intersect<Item extends Range>(list: readonly Item[], others: readonly Range[]): readonly Item[] {
  const parts: Item[] = [];
  let first = 0;
  for (const item of list) {
    while ((others[first]?.to ?? Number.POSITIVE_INFINITY) <= item.from) first++;
    for (let at = first; at < others.length; at++) {
      const other = others[at];
      if (other === undefined || other.from >= item.to) break;
      parts.push({ ...item, from: Math.max(item.from, other.from), to: Math.min(item.to, other.to) });
    }
  }
  return parts;
}

/** What of `list` lies outside of `others`. */
export function subtract<Item extends Range>(list: readonly Item[], others: readonly Range[]): readonly Item[] {
  return intersect(list, gapsOf(others));
}

/** Everything that `ranges` leave out, from 0 on. */
function gapsOf(ranges: readonly Range[]): readonly Range[] {
  const gaps: Range[] = [];
  let from = 0;
  for (const range of ranges) {
    if (range.from > from) gaps.push({ from, to: range.from });
    from = range.to;
  }
  gaps.push({ from, to: Number.POSITIVE_INFINITY });
  return gaps;
}

/** The positions of `ranges` that pass a test. */
export function selectRanges(ranges: readonly Range[], test: (position: number) => boolean): readonly Range[] {
  const found: Range[] = [];
  for (const { from, to } of ranges) {
    let start = -1;
    for (let position = from; position < to; position++) {
      const passes = test(position);
      if (passes && start < 0) start = position;
      if (!passes && start >= 0) {
        found.push({ from: start, to: position });
        start = -1;
      }
    }
    if (start >= 0) found.push({ from: start, to });
  }
  return joinRanges(found);
}

/** Ascending, and what touches is one. */
export function joinRanges(ranges: readonly Range[]): readonly Range[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** `0-41,43,50-99`: both ends included, as people write it. */
export function formatRanges(ranges: readonly Range[]): string {
  return ranges.map(({ from, to }) => (to === from + 1 ? `${from}` : `${from}-${to - 1}`)).join(',');
}

/** Reads what `formatRanges` wrote, and nothing else; `undefined` also where a position is not below `total`. */
export function parseRanges(text: string, total: number): readonly Range[] | undefined {
  if (text === '') return [];
  const ranges: Range[] = [];
  for (const item of text.split(',')) {
    const [, first, last] = /^(0|[1-9]\d{0,9})(?:-([1-9]\d{0,9}))?$/.exec(item) ?? [];
    if (first === undefined) return undefined;
    const range = { from: Number(first), to: Number(last ?? first) + 1 };
    // One text for one list: touching ranges are one, a range of one position is written as one.
    if (range.from <= (ranges.at(-1)?.to ?? -1) || range.to > total) return undefined;
    if (last !== undefined && range.to < range.from + 2) return undefined;
    ranges.push(range);
  }
  return ranges;
}
