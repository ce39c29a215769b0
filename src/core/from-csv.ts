import { formatCountOf } from './format-count.ts';
import { LazyPool, type Pool } from './pool.ts';

/**
 * One job per row of a CSV table with a header line: a record of its cells, as strings, by the names in the header.
 * RFC 4180 (commas, quotes doubled inside quotes), also with LF alone, and with a BOM; empty lines are passed over.
 * Throws with the line where a quote is not closed, cells are missing or too many, a column's name occurs twice.
 */
export function fromCsv(text: string): Pool<[Record<string, string>]> {
  if (typeof text !== 'string') throw new TypeError(`fromCsv takes the text of a table, got ${typeof text}`);
  const [header, ...rows] = parseCsv(text.replace(/^\uFEFF/, ''));
  if (header === undefined) throw new Error('fromCsv: the table is empty; its first line must hold the column names');
  const twice = header.cells.find((name, index) => header.cells.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`fromCsv: line 1: the column ${JSON.stringify(twice)} occurs twice`);
  for (const { cells, line } of rows) {
    if (cells.length !== header.cells.length) {
      throw new Error(
        `fromCsv: line ${line}: ${formatCountOf(cells.length, 'cell')}, but the header has ${header.cells.length}`,
      );
    }
  }
  return new LazyPool<[Record<string, string>]>(rows.length, (index) => {
    const cells = rows[index]?.cells ?? [];
    return [Object.fromEntries(header.cells.map((name, column) => [name, cells[column] ?? '']))];
  });
}

interface CsvRow {
  readonly cells: readonly string[];
  /** From 1. */
  readonly line: number;
}

/** A quote that is not closed, or that stands inside a cell without quotes. */
export class CsvQuoteError extends Error {
  /** From 1. */
  readonly line: number;

  constructor(line: number) {
    super(`fromCsv: line ${line}: a quote is not closed, or stands inside a cell without quotes`);
    this.line = line;
  }
}

/** The rows of a CSV text; empty lines are passed over. Throws a CsvQuoteError. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  const token = /("[^"]*(?:""[^"]*)*"|[^",\r\n]*)(,|\r\n|\n|\r|$)/gy;
  let cells: string[] = [];
  let line = 1;
  let startLine = 1;
  while (token.lastIndex < text.length || cells.length > 0) {
    const match = token.exec(text);
    if (match === null) throw new CsvQuoteError(line);
    const [, raw = '', end = ''] = match;
    cells.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    line += raw.split('\n').length - 1;
    if (end === ',') continue;
    if (cells.length > 1 || raw !== '') rows.push({ cells, line: startLine });
    cells = [];
    startLine = ++line;
    if (end === '') break;
  }
  return rows;
}
