import { parsePythonFloat, parsePythonInt } from './python-number.ts';

/** What became of a text: its value, or what was expected instead (`a whole number`). */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expected: string };

export type Reader<Value> = (text: string) => Reading<Value>;

const value = <Value>(value: Value): Reading<Value> => ({ ok: true, value });
const expected = (what: string): Reading<never> => ({ ok: false, expected: what });

/** As Python's `int`: `12`, `+7`, `1_000`. Refused beyond 2^53 − 1, where Python goes on. */
export const readInt: Reader<number> = (text) => {
  const number = parsePythonInt(text);
  if (number === undefined) return expected('a whole number');
  return Number.isSafeInteger(number)
    ? value(number)
    : expected('a whole number of at most 2^53 - 1 (a longer one would be rounded)');
};

/** As Python's `float`: `1e-3`, `.5`, `1_000.5`, `inf`, `-Infinity`, `nan`. */
export const readFloat: Reader<number> = (text) => {
  const number = parsePythonFloat(text);
  return number === undefined ? expected('a number') : value(number);
};

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['1', 'yes', 'true', 'on'].map((word) => [word, true] as const),
  ...['0', 'no', 'false', 'off'].map((word) => [word, false] as const),
]);

export const readBoolean: Reader<boolean> = (text) => {
  const found = booleans.get(text.toLowerCase());
  return found === undefined ? expected('yes or no') : value(found);
};

/** Without white space; empty (which nothing accepts) where the text is too long for a quantity. */
const compact = (text: string): string => (text.length > quantityLengthMax ? '' : text.replace(/\s+/g, ''));
const quantityLengthMax = 100;

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, index): [string, number][] => [
    [letter, 1024 ** (index + 1)],
    [`${letter}ib`, 1024 ** (index + 1)],
    [`${letter}b`, 1000 ** (index + 1)],
  ]),
]);

/** Whole bytes, rounded: `64M` = `64MiB` = 64·2^20, `64MB` = 64·10^6, `1.5G`, `100b`; in any case. */
export const readFileSize: Reader<number> = (text) => {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d*)?|\.\d+)([a-z]*)$/i.exec(compact(text)) ?? [];
  const factor = sizeUnits.get(unit.toLowerCase());
  const bytes = amount === '' || factor === undefined ? Number.NaN : Math.round(Number(amount) * factor);
  return Number.isSafeInteger(bytes) ? value(bytes) : expected('a size such as 64M, 64MB or 1.5G');
};

const unitMs: ReadonlyMap<string, number> = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
]);

const durationExpected = 'a time such as 90 (seconds), 10s or 1h30m';

/** Seconds: `90`, `1h30m`, `500ms`, `1.5d`; each unit at most once. */
export const readDuration: Reader<number> = (text) => {
  const spelt = compact(text).toLowerCase();
  if (/^(\d+(?:\.\d*)?|\.\d+)$/.test(spelt)) return finite(Number(spelt));
  let totalMs = 0;
  let end = 0;
  const used = new Set<number>();
  for (const match of spelt.matchAll(/(\d+(?:\.\d*)?|\.\d+)([a-z]+)/g)) {
    const [whole, amount = '', unit = ''] = match;
    const factor = unitMs.get(unit);
    if (match.index !== end || factor === undefined || used.has(factor)) return expected(durationExpected);
    used.add(factor);
    totalMs += Number(amount) * factor;
    end = match.index + whole.length;
  }
  return end > 0 && end === spelt.length ? finite(totalMs / 1_000) : expected(durationExpected);
};

const finite = (seconds: number): Reading<number> =>
  Number.isFinite(seconds) ? value(seconds) : expected(durationExpected);
