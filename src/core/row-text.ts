import { spellCell } from './cell.ts';
import { encodeJson } from './json.ts';

// A job may replace what these hold.
const { isFinite: isFiniteNumber } = Number;
const List = Array;
const { isArray } = Array;

/** One row as it stands in the journal and in `results.csv`: its cells between commas, without brackets or line feed. */
export interface RowText {
  /** As `encodeJson` spells them. */
  readonly json: string;
  readonly csv: string;
  /** How many cells. */
  readonly width: number;
}

/** A row of plain numbers, spelt the same way in both files: mostly straight to bytes, without a text. */
export class NumberRow implements RowText {
  readonly numbers: readonly number[];

  constructor(numbers: readonly number[]) {
    this.numbers = numbers;
  }

  get width(): number {
    return this.numbers.length;
  }

  get csv(): string {
    return textOf(this.numbers);
  }

  get json(): string {
    return textOf(this.numbers);
  }
}

/** (A job may replace what `Array.prototype` holds.) */
function textOf(numbers: readonly number[], to: number = numbers.length): string {
  let text = '';
  for (let at = 0; at < to; at++) text += `${at === 0 ? '' : ','}${numbers[at]}`;
  return text;
}

/** Quotes one cell as CSV asks for; given from outside, because the library that does it is not the core's. */
export type QuoteCell = (cell: string) => string;

/** Printable ASCII that neither JSON nor CSV spells in another way. */
const plainText = /^[ !#-+\--[\]-~]+$/;
/** Longer rows are rare, and their size has to be watched. */
const quickCellsMax = 1_000;
const quickCharsMax = 10_000;

/**
 * The row that a result of plain values stands for: nearly all results, several times as fast as the long way, which gives the same.
 * Every part of the value is read once. `undefined`: take the long way.
 */
export function quickRow(value: unknown, columns: readonly string[] | undefined): RowText | undefined {
  if (isArray(value)) return quickList(value, columns);
  if (typeof value === 'object' && value !== null) return columns && quickObject(value, columns);
  if (columns !== undefined && columns.length !== 1) return undefined;
  if (isPlainNumber(value)) {
    const text = `${value}`;
    return { json: text, csv: text, width: 1 };
  }
  const cell = quickCell(value);
  return cell && { json: cell.json, csv: cell.csv, width: 1 };
}

/** Any row of storable values. */
export function spellRow(row: readonly unknown[], quoteCell: QuoteCell): RowText {
  const csv = row.map((value) => quoteCell(spellCell(value))).join(',');
  return { json: encodeJson(row).slice(1, -1), csv, width: row.length };
}

function quickList(list: readonly unknown[], columns: readonly string[] | undefined): RowText | undefined {
  const { length } = list;
  // (A proxy may say anything.)
  if (typeof length !== 'number' || !(length >= 0 && length <= quickCellsMax)) return undefined;
  if (columns !== undefined && columns.length !== length) return undefined;
  // Of the right length at once: at the first `push` V8 makes room for seventeen.
  const numbers = new List<number>(length);
  for (let at = 0; at < length; at++) {
    const value = list[at];
    if (!isPlainNumber(value)) return quickMixed(list, textOf(numbers, at), at, value);
    numbers[at] = value;
  }
  return new NumberRow(numbers);
}

/** Goes on at a cell that is no plain number: `before` is the text of those in front of it. */
function quickMixed(list: readonly unknown[], before: string, from: number, first: unknown): RowText | undefined {
  let [json, csv] = [before, before];
  for (let at = from; at < list.length; at++) {
    const cell = quickCell(at === from ? first : list[at]);
    if (cell === undefined) return undefined;
    const comma = at === 0 ? '' : ',';
    json += comma + cell.json;
    csv += comma + cell.csv;
  }
  return { json, csv, width: list.length };
}

function quickObject(value: object, columns: readonly string[]): RowText | undefined {
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return undefined;
  if (Object.getOwnPropertySymbols(value).length > 0) return undefined;
  const keys = Object.keys(value);
  if (keys.length > quickCellsMax) return undefined;
  if (!haveSameNames(keys, columns)) return undefined;
  let [json, csv] = ['', ''];
  for (let at = 0; at < columns.length; at++) {
    const cell = quickCell(value[columns[at] as keyof typeof value]);
    if (cell === undefined) return undefined;
    const comma = at === 0 ? '' : ',';
    json += comma + cell.json;
    csv += comma + cell.csv;
  }
  return { json, csv, width: columns.length };
}

function haveSameNames(keys: readonly string[], columns: readonly string[]): boolean {
  if (keys.length !== columns.length) return false;
  for (let at = 0; at < keys.length; at++) if (keys[at] !== columns[at]) return hasAll(keys, columns);
  return true;
}

/** In another order; names that occur twice are for the long way. */
function hasAll(keys: readonly string[], columns: readonly string[]): boolean {
  return columns.every((name, at) => keys.includes(name) && columns.indexOf(name) === at);
}

function quickCell(value: unknown): { readonly json: string; readonly csv: string } | undefined {
  if (isPlainNumber(value)) {
    const text = `${value}`;
    return { json: text, csv: text };
  }
  if (typeof value === 'string') {
    if (value.length > quickCharsMax || !plainText.test(value)) return undefined;
    return { json: `"${value}"`, csv: value };
  }
  if (typeof value === 'boolean') return value ? yes : no;
  return value === null ? nothing : undefined;
}

const yes = { json: 'true', csv: 'true' };
const no = { json: 'false', csv: 'false' };
const nothing = { json: 'null', csv: '' };

/** One that JSON spells as it is. */
function isPlainNumber(value: unknown): value is number {
  return typeof value === 'number' && isFiniteNumber(value) && !(value === 0 && 1 / value < 0);
}
