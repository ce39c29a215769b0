import { isPythonSpace } from './python-text.ts';

/** The text that Python's `int()` and `float()` see: digits of all scripts as ASCII, other white space as blanks. */
function toAscii(text: string): string {
  return text.replace(/\P{ASCII}/gu, (character) => {
    if (isPythonSpace(character)) return ' ';
    return /\p{Nd}/u.test(character) ? String(digitValue(character)) : character;
  });
}

/** Unicode keeps the digits 0 to 9 of a script side by side; several tens may touch (mathematical digits). */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return (code - first) % 10;
}

const whole = /^[\t-\r ]*([+-]?\d+(?:_\d+)*)[\t-\r ]*$/;
const decimal =
  /^[\t-\r ]*([+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?)[\t-\r ]*$/i;
const special = /^[\t-\r ]*([+-]?)(?:(inf(?:inity)?)|nan)[\t-\r ]*$/i;

/** As Python's `int(text)`, `undefined` where that refuses; beyond 2^53 − 1 not exact any more. */
export function parsePythonInt(text: string): number | undefined {
  const [, digits] = whole.exec(toAscii(text)) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits.replaceAll('_', ''));
  // Python has no whole number −0.
  return number + 0;
}

/** As Python's `float(text)`; `undefined` where that refuses. */
export function parsePythonFloat(text: string): number | undefined {
  const ascii = toAscii(text);
  const [, digits] = decimal.exec(ascii) ?? [];
  if (digits !== undefined) return Number(digits.replaceAll('_', ''));
  const [found, sign, infinite] = special.exec(ascii) ?? [];
  if (found === undefined) return undefined;
  if (infinite === undefined) return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
