import { assert } from './assert.ts';

/** An exact non-negative fraction in lowest terms. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Exponents beyond this only serve to fill the memory. */
const exponentMax = 400;

/** The exact value of a decimal text such as `2.5`, `1e-9`; `undefined` for anything else. */
export function parseRatio(text: string): Ratio | undefined {
  const match = /^\+?(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (match === null) return undefined;
  const [, whole = '0', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > exponentMax) return undefined;
  const digits = BigInt(whole + fraction);
  const shift = exponent - fraction.length;
  return shift >= 0 ? reduce(digits * 10n ** BigInt(shift), 1n) : reduce(digits, 10n ** BigInt(-shift));
}

export function formatRatio({ numerator, denominator }: Ratio): string {
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
}

/** `2.5`: exact, because only decimal texts are read. Throws where the fraction is no finite decimal. */
export function formatDecimal({ numerator, denominator }: Ratio): string {
  let digits = 0;
  let scale = 1n;
  while ((numerator * scale) % denominator !== 0n) {
    assert(digits < 2 * exponentMax, `${numerator}/${denominator} is no decimal`);
    digits++;
    scale *= 10n;
  }
  const text = String((numerator * scale) / denominator).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The nearest number, to about 20 digits: for estimates and for people, never for the plan. */
export function approximateRatio({ numerator, denominator }: Ratio): number {
  return Number((numerator * 10n ** 30n) / denominator) / 1e30;
}

function reduce(numerator: bigint, denominator: bigint): Ratio {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
