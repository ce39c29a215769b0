import { stringify } from 'csv-stringify/sync';
import { failed, ok, type Result } from '../core/diagnostic.ts';
import { CsvQuoteError, parseCsv } from '../core/from-csv.ts';
import { findUtf16 } from './encoding.ts';
import type { ResultsSettings } from './settings.ts';

const metaNames = [
  ['includeStartTime', 'Run Start Time'],
  ['includeJobInterval', 'Job Running Time'],
  ['includeJobStartTime', 'Job Start Time'],
  ['includeJobDoneTime', 'Job Done Time'],
  ['includeJobId', 'Job ID'],
  ['includeMachine', 'Machine'],
  ['includeAttempt', 'Attempt'],
  ['includeSeed', 'Seed'],
] as const;

/** The meta columns that are on, in their fixed order, without the arguments. */
export function metaColumns(results: ResultsSettings): readonly string[] {
  return metaNames.filter(([setting]) => results[setting]).map(([, name]) => name);
}

export interface HeaderShape {
  readonly results: ResultsSettings;
  /** Arguments of one job, for `include_arguments`. */
  readonly argumentCount: number;
  /** The experiment's `columns`; where it names none, the first row tells how many there are. */
  readonly columns: readonly string[] | undefined;
}

/** The header as it is generated. `rowWidth` serves where the experiment names no columns. */
export function generateHeader(shape: HeaderShape, rowWidth = 1): readonly string[] {
  const named =
    shape.columns ??
    (rowWidth === 1 ? [resultName] : Array.from({ length: rowWidth }, (_, at) => `${resultName} ${at + 1}`));
  return [...leading(shape), ...named];
}

const resultName = 'Result';

/** What stands before the results. */
function leading({ results, argumentCount }: Pick<HeaderShape, 'results' | 'argumentCount'>): readonly string[] {
  const args = results.includeArguments ? Array.from({ length: argumentCount }, (_, at) => `Argument ${at + 1}`) : [];
  return [...metaColumns(results), ...args];
}

interface Mended {
  readonly cells: readonly string[];
  /** What the user has to do with them, where that is not known here. */
  readonly how: string;
}

/**
 * The line to paste. Where the experiment names no columns, names that stand there already are kept where there is no doubt what
 * they are for: a column before the results may have been renamed, and must not be there twice.
 */
function mend(shape: HeaderShape, given: readonly string[]): Mended {
  const names = given.map((cell) => cell.trim());
  const before = leading(shape);
  const inPlace = names.every((name, at) => name === before[at] || !before.includes(name));
  if (fits(shape, names) && inPlace) return { cells: names, how: '' };
  if (shape.columns !== undefined) return { cells: generateHeader(shape), how: '' };
  const last = names.findLastIndex((name) => before.includes(name));
  const rest = names.slice(last + 1);
  const from = rest.findIndex((name) => !isLeading(name));
  const results = from < 0 ? [resultName] : rest.slice(from);
  if (last < 0) {
    const how = from < 0 ? '' : `, moving to the front what you call the first ${countColumns(before)}`;
    return { cells: [...before, ...results], how };
  }
  const place = before.indexOf(names[last] ?? '');
  // Behind the last name that is known, results begin only where no other column is missing.
  const isLast = place === before.length - 1;
  const cells = [...frontOf(names.slice(0, last), before.slice(0, place)), ...before.slice(place)];
  cells.push(...(isLast ? results : [resultName]));
  const astray = names.filter((name) => name !== '' && !isLeading(name) && !cells.includes(name));
  return { cells, how: astray.length === 0 ? '' : `, with ${list(astray)} where each belongs` };
}

/** Names of the user's for columns before the results, where they are as many and none contradicts. */
function frontOf(names: readonly string[], before: readonly string[]): readonly string[] {
  const agrees = names.length === before.length && names.every((name, at) => !isLeading(name) || name === before[at]);
  return agrees ? names.map((name, at) => name || (before[at] ?? '')) : before;
}

function list(names: readonly string[]): string {
  const shown = names
    .slice(0, astrayShown)
    .map((name) => (name.length > nameMax ? `${name.slice(0, nameMax)}…` : name));
  return shown.join(', ') + (names.length > astrayShown ? ' …' : '');
}

const astrayShown = 5;
const nameMax = 50;

function isLeading(cell: string): boolean {
  return metaNames.some(([, name]) => name === cell) || /^Argument \d+$/.test(cell);
}

/** How many result columns the cells of `header.csv` name, where the experiment names none. */
export function countNamed(shape: HeaderShape, cells: readonly string[] | undefined): number | undefined {
  return cells === undefined || shape.columns !== undefined ? undefined : cells.length - leading(shape).length;
}

/**
 * What `header.csv` says: its cells, or `undefined` where it is empty and the generated header holds. A number of
 * columns that does not fit is an error that shows the line to paste.
 */
export function parseHeader(text: string, file: string, shape: HeaderShape): Result<readonly string[] | undefined> {
  const utf16 = findUtf16(text, file);
  if (utf16 !== undefined) return failed(utf16);
  const refuse = (line: number, message: string, given: readonly string[] = []): Result<never> => {
    const place = { file, line, text: text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)[line - 1] ?? '' };
    const end = shape.columns === undefined ? ' (at its end one name for each value of a result)' : '';
    const { cells, how } = mend(shape, given);
    const [mended, generated] = [spellRow(cells), spellRow(generateHeader(shape))];
    // What the experiment itself names is shown whole, what a file holds is not.
    const pasted = mended.length > Math.max(pastedMax, generated.length) ? generated : mended;
    const hint = `paste this line${how}${end}, or empty the file:\n  ${pasted}`;
    return failed({ severity: 'error', message, place, hint });
  };
  if (text.length > lengthMax) return failed({ severity: 'error', message: `${file} is too long for a header` });
  const rows = readRows(text);
  if ('quoteLine' in rows) {
    return refuse(rows.quoteLine, 'a quote is not closed, or stands inside a cell without quotes');
  }
  const [row, second] = rows;
  if (row === undefined) return ok(undefined);
  if (second !== undefined) return refuse(second.line, `must hold one line, has ${rows.length}`, row.cells);
  const { cells, line } = row;
  if (fits(shape, cells)) return ok(cells);
  const separator = cells.length === 1 ? /[;\t]/.exec(cells[0] ?? '')?.[0] : undefined;
  if (separator !== undefined) {
    const what = `columns stand between ${separator === ';' ? 'semicolons' : 'tabs'}, must be between commas`;
    return refuse(line, what, cells[0]?.split(separator));
  }
  const { length } = generateHeader(shape);
  const needed = shape.columns === undefined ? `${length - 1} stand before the results` : `the results have ${length}`;
  return refuse(line, `the header has ${countColumns(cells)}, ${needed}`, cells);
}

/** Without names in the experiment the first result tells how many columns it has: at least one. */
function fits(shape: HeaderShape, cells: readonly string[]): boolean {
  const { length } = generateHeader(shape);
  return shape.columns === undefined ? cells.length >= length : cells.length === length;
}

const pastedMax = 2_000;

/** Longer than any header, and what one regular expression can take. */
const lengthMax = 1_000_000;

const countColumns = ({ length }: readonly string[]): string => `${length} column${length === 1 ? '' : 's'}`;

/** Lines with something in them. */
function readRows(text: string): ReturnType<typeof parseCsv> | { readonly quoteLine: number } {
  try {
    return parseCsv(text.replace(/^\uFEFF/, '')).filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  } catch (error) {
    if (error instanceof CsvQuoteError) return { quoteLine: error.line };
    throw error;
  }
}

export function spellRow(cells: readonly string[]): string {
  return stringify([[...cells]], { record_delimiter: '' });
}
