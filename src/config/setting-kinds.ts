import type { HaltRule } from '../core/dispatch/halt.ts';
import { type Reader, type Reading, readDuration, readFileSize, readInt } from './readers.ts';

/** Ways to read a setting, beyond those that an experiment's own values have. */

const ok = <Value>(value: Value): Reading<Value> => ({ ok: true, value });
const no = (expected: string): Reading<never> => ({ ok: false, expected });

export function wholeNumber(min: number, max: number): Reader<number> {
  return (text) => {
    const reading = readInt(text);
    return reading.ok && reading.value >= min && reading.value <= max
      ? reading
      : no(`a whole number from ${min} to ${max}`);
  };
}

/** A whole number that may be spelt as the Python original did: `10K` = 10,240. */
export function count(min: number, max: number): Reader<number> {
  return (text) => {
    const [plain, sized] = [readInt(text), readFileSize(text)];
    const number = plain.ok ? plain.value : sized.ok ? sized.value : Number.NaN;
    return number >= min && number <= max ? ok(number) : no(`a whole number from ${min} to ${max}`);
  };
}

export function oneOf<const Word extends string>(...words: readonly Word[]): Reader<Word> {
  return (text) => {
    const word = words.find((candidate) => candidate === text.toLowerCase());
    return word === undefined ? no(`one of ${words.join(', ')}`) : ok(word);
  };
}

/** `words` (or an empty value) stand for "not at all". */
export function orNone<Value>(read: Reader<Value>): Reader<Value | undefined> {
  return (text) => {
    if (text === '' || text.toLowerCase() === 'none') return ok(undefined);
    const reading = read(text);
    return reading.ok ? reading : no(`${reading.expected}, or none`);
  };
}

export function orAuto<Value>(read: Reader<Value>): Reader<Value | 'auto'> {
  return (text) => {
    if (text.toLowerCase() === 'auto') return ok('auto');
    const reading = read(text);
    return reading.ok ? reading : no(`${reading.expected}, or auto`);
  };
}

/** What a JavaScript timer can wait for, about 24 days, is no limit here; a year is, against typing errors. */
const durationMaxMs = 366 * 86_400_000;

export const milliseconds: Reader<number> = (text) => {
  const reading = readDuration(text);
  if (!reading.ok) return reading;
  const ms = reading.value * 1_000;
  return ms <= durationMaxMs ? ok(ms) : no('a time of at most a year');
};

export const positiveMilliseconds: Reader<number> = (text) => {
  const reading = milliseconds(text);
  return reading.ok && reading.value <= 0 ? no('a time above 0') : reading;
};

export function bytes(min: number): Reader<number> {
  return (text) => {
    const reading = readFileSize(text);
    return reading.ok && reading.value < min ? no(`a size of at least ${min} bytes`) : reading;
  };
}

// Windows refuses these as file names, with any ending.
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/** A file name and nothing else: it is joined to the run folder. */
export const plainFileName: Reader<string> = (text) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  const unsafe = /[\u0000-\u001f/\\:*?"<>|]|[. ]$|^\.+$|^$/.test(text) || deviceName.test(text) || text.length > 100;
  return unsafe ? no('a plain file name such as results.csv, without folders') : ok(text);
};

const haltExpected = 'auto, never, soon,fail=10, now,fail=10, soon,fail=5% or now,fail=5%';

export const haltRule: Reader<HaltRule> = (text) => {
  const compact = text.slice(0, 100).replace(/\s+/g, '').toLowerCase();
  if (compact === 'auto' || compact === 'never') return ok({ kind: compact });
  const [, how, amount, percent] = /^(soon|now),fail=(\d+(?:\.\d+)?)(%?)$/.exec(compact) ?? [];
  const number = Number(amount);
  if ((how !== 'soon' && how !== 'now') || !(number > 0)) return no(haltExpected);
  if (percent === '%') return number <= 100 ? ok({ kind: 'share', how, fraction: number / 100 }) : no(haltExpected);
  return Number.isInteger(number) ? ok({ kind: 'count', how, failed: number }) : no(haltExpected);
};

/** What else is written into a run folder. */
const taken: ReadonlySet<string> = new Set([
  ...['journal.jsonl', 'failed.csv', 'summary.json', 'report.html', 'lock.json', 'proof.json'],
  ...['machines.json', 'header.csv', 'runner.config', 'files', 'logs', 'checkpoints'],
]);

/** A plain file name that nothing else in the run folder has. */
export const resultsFileName: Reader<string> = (text) => {
  if (taken.has(text.toLowerCase())) return no('a name that no other file of the run folder has');
  return plainFileName(text);
};

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const pythonLevels: ReadonlyMap<string, Level> = new Map([
  ['notset', 'trace'],
  ['warning', 'warn'],
  ['critical', 'fatal'],
]);

/** pino's levels, and those of Python's logging: by name, in any case, or as a number from 0 to 50. */
export const logLevel: Reader<Level> = (text) => {
  const word = text.toLowerCase();
  const number = readInt(text);
  // 10 is DEBUG, 20 INFO …; a number between two lets the higher one through.
  const level = number.ok && number.value >= 0 ? levels[Math.ceil(number.value / 10)] : pythonLevels.get(word);
  return level === undefined ? oneOf(...levels)(word) : ok(level);
};

/** A single line of text. */
export const textLine: Reader<string> = (text) => (text.includes('\n') ? no('a text on one line') : ok(text));
