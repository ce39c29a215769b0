/** What became of a text: its value, or what was expected instead (`a whole number`). */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expected: string };

export type Reader<Value> = (text: string) => Reading<Value>;

const value = <Value>(value: Value): Reading<Value> => ({ ok: true, value });
const expected = (what: string): Reading<never> => ({ ok: false, expected: what });

export const readInt: Reader<number> = (text) => {
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? value(number) : expected('a whole number');
};

export const readFloat: Reader<number> = (text) => {
  const special = floatNames.get(text.toLowerCase());
  if (special !== undefined) return value(special);
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? value(Number(text)) : expected('a number');
};

const floatNames: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['1', 'yes', 'true', 'on'].map((word) => [word, true] as const),
  ...['0', 'no', 'false', 'off'].map((word) => [word, false] as const),
]);

export const readBoolean: Reader<boolean> = (text) => {
  const found = booleans.get(text.toLowerCase());
  return found === undefined ? expected('yes or no') : value(found);
};

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, index): [string, number][] => [
    [letter, 1024 ** (index + 1)],
    [`${letter}ib`, 1024 ** (index + 1)],
    [`${letter}b`, 1000 ** (index + 1)],
  ]),
]);

/** Bytes: `64M` = `64MiB` = 64·2^20, `64MB` = 64·10^6, `1.5G`. */
export const readFileSize: Reader<number> = (text) => {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
  const factor = sizeUnits.get(unit.toLowerCase());
  const bytes = amount === '' || factor === undefined ? Number.NaN : Math.round(Number(amount) * factor);
  return Number.isSafeInteger(bytes) ? value(bytes) : expected('a size such as 64M, 64MB or 1.5G');
};

const secondsOf: ReadonlyMap<string, number> = new Map([
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['min', 60],
  ['s', 1],
  ['ms', 0.001],
]);

/** Seconds: `90`, `1h30m`, `500ms`, `1d2h`. */
export const readDuration: Reader<number> = (text) => {
  const compact = text.replace(/\s+/g, '').toLowerCase();
  if (/^\d+(\.\d+)?$/.test(compact)) return value(Number(compact));
  if (!/^(\d+(\.\d+)?(d|h|min|ms|m|s))+$/.test(compact)) return expected('a time such as 90 (seconds), 10s or 1h30m');
  let seconds = 0;
  for (const [, amount = '', unit = ''] of compact.matchAll(/(\d+(?:\.\d+)?)(d|h|min|ms|m|s)/g)) {
    seconds += Number(amount) * (secondsOf.get(unit) ?? 0);
  }
  return value(seconds);
};
