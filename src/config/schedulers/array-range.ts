import { type EqualShare, sharesMax } from '../../core/equal-shares.ts';

/** What schedulers say of an array: its first and last index, the step between two, and which one this is. */
export interface ArrayRange {
  readonly index: number;
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** How many elements there are, where that is told. */
  readonly count?: number | undefined;
}

/** The share of an element, or why the array as a whole cannot be shares. */
export function shareOfElement({ index, first, last, step, count }: ArrayRange): EqualShare | { readonly why: string } {
  if (step < 1 || last < first || index < first || index > last) return { why: 'the numbers contradict one another' };
  const elements = Math.floor((last - first) / step) + 1;
  if (count !== undefined && count !== elements) {
    const expected = `${first} to ${last} in steps of ${step} are ${elements} elements, there are ${count}`;
    return { why: `its indices are no regular range: ${expected}` };
  }
  if ((index - first) % step !== 0) return { why: 'the numbers contradict one another' };
  // One element of an array that is submitted again looks just like this, and would take the whole pool.
  if (elements === 1) return { why: 'it has one element: is this one of a larger array, submitted again?' };
  if (elements > sharesMax) return { why: `it has ${elements} elements, and there are at most ${sharesMax} shares` };
  return { index: (index - first) / step + 1, count: elements };
}
