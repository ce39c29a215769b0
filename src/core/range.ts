import { LazyPool, type Pool } from './pool.ts';
import type { Recipe } from './recipe.ts';

/**
 * Numbers `from` (0 if left out) up to `to`, which is not included, by `step` (1). Steps may be negative or fractions;
 * where there is no number on the way, the pool is empty.
 *
 * Decimal fractions mean what is written: `range(0, 1, 0.1)` has the ten elements 0, 0.1, 0.2, 0.3, … 0.9, each the
 * number that its literal stands for (not 0.30000000000000004), as long as `from`, `to` and `step` have at most 12
 * decimals. Otherwise (`1 / 3`) an element is `from + index * step`, rounded, and one that differs from `to` by
 * rounding errors alone is left out. Throws a RangeError for NaN, infinities, a step of 0, more than 2^32 - 1 elements.
 */
export function range(to: number): Pool<[number]>;
export function range(from: number, to: number, step?: number): Pool<[number]>;
export function range(first: number, second?: number, step = 1): Pool<[number]> {
  const [from, to] = second === undefined ? [0, first] : [first, second];
  for (const [name, value] of Object.entries({ from, to, step })) {
    if (!Number.isFinite(value)) throw new RangeError(`range: ${name} must be a finite number, got ${String(value)}`);
  }
  if (step === 0) throw new RangeError('range: step must not be 0');
  const scale = 10 ** Math.max(countDecimals(from), countDecimals(to), countDecimals(step));
  const whole = [from, to, step].map((value) => Math.round(value * scale));
  if (!whole.every(Number.isSafeInteger)) return rangeOfFloats(from, to, step);
  const [first10 = 0, to10 = 0, step10 = 1] = whole;
  const length = Math.max(0, Math.ceil((to10 - first10) / step10));
  return linear({ kind: 'range', length, first: first10, step: step10, scale }, true);
}

function linear(recipe: Extract<Recipe, { kind: 'range' }>, distinct: boolean): Pool<[number]> {
  const { length, first, step, scale } = recipe;
  return new LazyPool<[number]>(length, (index) => [(first + index * step) / scale], {
    distinct,
    // JSON, in which it travels, has no -0.
    recipe: () => (Object.is(first, -0) ? undefined : recipe),
  });
}

function rangeOfFloats(from: number, to: number, step: number): Pool<[number]> {
  const quotient = (to - from) / step;
  const rounding = (2 ** -51 * (Math.abs(from) + Math.abs(to))) / Math.abs(step);
  const nearest = Math.round(quotient);
  const length = Math.max(0, Math.abs(quotient - nearest) <= rounding ? nearest : Math.ceil(quotient));
  // A step below the spacing of doubles around `from` repeats values.
  const distinct =
    length < 2 || (from + step !== from && Math.abs(step) > 2 ** -50 * Math.max(Math.abs(from), Math.abs(to)));
  return linear({ kind: 'range', length, first: from, step, scale: 1 }, distinct);
}

/** More than people write: such a number was computed. */
const decimalsMax = 12;

/** Decimals of the shortest text that means this number; Infinity where they are too many. */
function countDecimals(value: number): number {
  const [digits = '', exponent = '0'] = String(value).split('e');
  const decimals = Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent));
  return decimals > decimalsMax ? Number.POSITIVE_INFINITY : decimals;
}
