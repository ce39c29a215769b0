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
    shape.columns ?? (rowWidth === 1 ? ['Result'] : Array.from({ length: rowWidth }, (_, at) => `Result ${at + 1}`));
  return [...leading(shape), ...named];
}

/** What stands before the results. */
function leading({ results, argumentCount }: Pick<HeaderShape, 'results' | 'argumentCount'>): readonly string[] {
  const args = results.includeArguments ? Array.from({ length: argumentCount }, (_, at) => `Argument ${at + 1}`) : [];
  return [...metaColumns(results), ...args];
}

/** The line to paste. Where the experiment names no columns, names that stand there already are taken for those of the results. */
function mend(shape: HeaderShape, cells: readonly string[]): readonly string[] {
  const names = cells.map((cell) => cell.trim());
  const from = names.findIndex((name) => !isLeading(name));
  return shape.columns !== undefined || from < 0 ? generateHeader(shape) : [...leading(shape), ...names.slice(from)];
}

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
    const hint = `paste this line${end}, or empty the file:\n  ${spellRow(mend(shape, given))}`;
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
  // Without names in the experiment the first result tells how many columns it has: at least one.
  const { length } = generateHeader(shape);
  const fits = shape.columns === undefined ? cells.length >= length : cells.length === length;
  if (fits) return ok(cells);
  const separator = cells.length === 1 ? /[;\t]/.exec(cells[0] ?? '')?.[0] : undefined;
  if (separator !== undefined) {
    const what = `columns stand between ${separator === ';' ? 'semicolons' : 'tabs'}, must be between commas`;
    return refuse(line, what, cells[0]?.split(separator));
  }
  const needed = shape.columns === undefined ? `${length - 1} stand before the results` : `the results have ${length}`;
  return refuse(line, `the header has ${countColumns(cells)}, ${needed}`, cells);
}

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
