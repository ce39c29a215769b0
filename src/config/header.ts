import { stringify } from 'csv-stringify/sync';
import { failed, ok, type Result } from '../core/diagnostic.ts';
import { parseCsv } from '../core/from-csv.ts';
import type { ResultsSettings } from './settings.ts';

/** The meta columns that are on, in their fixed order, without the arguments. */
export function metaColumns(results: ResultsSettings): readonly string[] {
  const columns: readonly (readonly [boolean, string])[] = [
    [results.includeStartTime, 'Run Start Time'],
    [results.includeJobInterval, 'Job Running Time'],
    [results.includeJobStartTime, 'Job Start Time'],
    [results.includeJobDoneTime, 'Job Done Time'],
    [results.includeJobId, 'Job ID'],
    [results.includeMachine, 'Machine'],
    [results.includeAttempt, 'Attempt'],
    [results.includeSeed, 'Seed'],
  ];
  return columns.filter(([on]) => on).map(([, name]) => name);
}

export interface HeaderShape {
  readonly results: ResultsSettings;
  /** Arguments of one job, for `include_arguments`. */
  readonly argumentCount: number;
  /** The experiment's `columns`; where it names none, the first row tells how many there are. */
  readonly columns: readonly string[] | undefined;
}

/** The header as it is generated. `rowWidth` serves where the experiment names no columns. */
export function generateHeader({ results, argumentCount, columns }: HeaderShape, rowWidth = 1): readonly string[] {
  const named =
    columns ?? (rowWidth === 1 ? ['Result'] : Array.from({ length: rowWidth }, (_, at) => `Result ${at + 1}`));
  const args = results.includeArguments ? Array.from({ length: argumentCount }, (_, at) => `Argument ${at + 1}`) : [];
  return [...metaColumns(results), ...args, ...named];
}

/**
 * What `header.csv` says: its cells, or `undefined` where it is empty and the generated header holds. A number of
 * columns that does not fit is an error that shows the line to paste.
 */
export function parseHeader(text: string, file: string, shape: HeaderShape): Result<readonly string[] | undefined> {
  const rows = readRows(text);
  const [row] = rows;
  if (row === undefined) return ok(undefined);
  const generated = generateHeader(shape);
  const place = { file, line: row.line, text: text.split(/\r\n|\n|\r/)[row.line - 1] ?? '' };
  const hint = `paste this line, or empty the file:\n  ${spellRow(generated)}`;
  if (rows.length > 1) {
    return failed({ severity: 'error', message: `must hold one line, has ${rows.length}`, place, hint });
  }
  const fits =
    shape.columns === undefined ? row.cells.length >= generated.length : row.cells.length === generated.length;
  if (fits) return ok(row.cells);
  const message = `the header has ${row.cells.length} columns, the results have ${generated.length}`;
  return failed({ severity: 'error', message, place, hint });
}

function readRows(text: string): ReturnType<typeof parseCsv> {
  try {
    return parseCsv(text.replace(/^\uFEFF/, '')).filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  } catch {
    // A stray quote: the text as one cell gives the error about the number of columns, with the line to paste.
    return [{ cells: [], line: 1 }];
  }
}

export function spellRow(cells: readonly string[]): string {
  return stringify([[...cells]], { record_delimiter: '' });
}
