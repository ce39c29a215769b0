import { formatCountOf } from './format-count.ts';
import { type QuoteCell, quickRow, type RowText, spellRow } from './row-text.ts';
import { copyStorable } from './storable.ts';
import { messageOf } from './thrown.ts';

// A job may replace what it holds.
const { isArray } = Array;
const { stringify } = JSON;

/** Several rows from one job; made by `rows([…])`. */
export class Rows<R = unknown> {
  readonly list: readonly R[];
  constructor(list: readonly R[]) {
    if (!isArray(list)) throw new TypeError('rows([…]) takes an array of rows');
    this.list = list;
  }
}

/** A result larger than this belongs into a file (`context.file`). */
export const resultCharsMax: number = 16 * 1024 ** 2;

export type RowsText =
  | { readonly ok: true; readonly rows: readonly RowText[] }
  /** The result cannot be stored, whatever is tried. */
  | { readonly ok: false; readonly problem: string };

const bad = (problem: string): RowsText => ({ ok: false, problem });

/** The rows that a job's return value stands for, spelt, and checked against `columns`. Never throws. */
export function encodeRows(result: unknown, columns: readonly string[] | undefined, quoteCell: QuoteCell): RowsText {
  try {
    if (result instanceof Rows) return encodeAll(result.list, columns, quoteCell, true);
    const quick = tryQuick(result, columns);
    return quick === undefined ? encodeAll([result], columns, quoteCell, false) : { ok: true, rows: [quick] };
  } catch (thrown) {
    return bad(`result cannot be read (${messageOf(thrown)})`);
  }
}

function encodeAll(
  list: readonly unknown[],
  columns: readonly string[] | undefined,
  quoteCell: QuoteCell,
  isSeveral: boolean,
): RowsText {
  const rows: RowText[] = [];
  let chars = 2;
  for (let index = 0; index < list.length; index++) {
    const path = isSeveral ? `result.rows[${index}]` : 'result';
    const value = list[index];
    if (isSeveral && value === undefined) return bad(`${path} is undefined; each of several rows must be a value`);
    const text = tryQuick(value, columns) ?? slowRow(value, path, columns, resultCharsMax - chars, quoteCell);
    if (typeof text === 'string') return bad(text);
    chars += text.json.length + 3;
    if (chars > resultCharsMax) return bad(tooLarge);
    rows[index] = text;
  }
  return { ok: true, rows };
}

/** What cannot be read is named by the long way. */
function tryQuick(value: unknown, columns: readonly string[] | undefined): RowText | undefined {
  try {
    return quickRow(value, columns);
  } catch {
    return undefined;
  }
}

function slowRow(
  value: unknown,
  path: string,
  columns: readonly string[] | undefined,
  charsMax: number,
  quoteCell: QuoteCell,
): RowText | string {
  const row = toRow(value, path, columns, charsMax);
  return typeof row === 'string' ? row : spellRow(row, quoteCell);
}

const tooLarge = `the result has more than ${resultCharsMax} characters (16 MiB); write large data to context.file(name) instead`;

/** A row, or what is wrong with it. */
function toRow(
  value: unknown,
  path: string,
  columns: readonly string[] | undefined,
  charsMax: number,
): readonly unknown[] | string {
  if (value === undefined) return [];
  const copied = copyStorable(value, path, charsMax);
  if (!copied.ok) {
    if (copied.isTooLarge) return tooLarge;
    return `${copied.path} is ${copied.what}; a result must be made of JSON values (numbers, strings, lists …)`;
  }
  const row = toList(copied.value) ?? matchColumns(new Map(Object.entries(Object(copied.value))), path, columns);
  if (typeof row === 'string' || columns === undefined || row.length === columns.length) return row;
  return `${path} has ${formatCountOf(row.length, 'value')}, columns names ${columns.length} (${columns.join(', ')})`;
}

/** The cells of a tuple or a single value; `undefined` for an object. */
function toList(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return [value];
  return isArray(value) ? value : undefined;
}

function matchColumns(
  members: ReadonlyMap<string, unknown>,
  path: string,
  columns: readonly string[] | undefined,
): readonly unknown[] | string {
  if (columns === undefined) return members.size === 0 ? [] : askForColumns([...members.keys()], path);
  const missing = columns.find((name) => !members.has(name));
  if (missing !== undefined) return `${path} has no ${stringify(missing)}, which columns names`;
  const extra = [...members.keys()].find((name) => !columns.includes(name));
  if (extra !== undefined) return `${path} has ${stringify(extra)}, which columns does not name`;
  return columns.map((name) => members.get(name));
}

/** More of them make a message that nobody reads. */
const namesShown = 100;

/** Without `columns` nothing would say what its cells are, and a job whose object has other keys would put them elsewhere. */
function askForColumns(names: readonly string[], path: string): string {
  const list = [...names.slice(0, namesShown).map(quoteName), ...(names.length > namesShown ? ['…'] : [])].join(', ');
  return `${path} is an object, and nothing says which column each value belongs to; add to the experiment: columns: [${list}],`;
}

const quoteName = (name: string): string => (/['\\\p{C}]/u.test(name) ? stringify(name) : `'${name}'`);
