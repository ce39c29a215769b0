import { encodeJson, isNumericArray } from './json.ts';
import { findUnstorable } from './storable.ts';

/** Several rows from one job; made by `rows([…])`. */
export class Rows<R = unknown> {
  readonly list: readonly R[];
  constructor(list: readonly R[]) {
    this.list = list;
  }
}

/** A result larger than this belongs into a file (`context.file`). */
export const resultCharsMax: number = 16 * 1024 ** 2;

export type RowsText =
  | { readonly ok: true; readonly rowsJson: string }
  /** The result cannot be stored, whatever is tried. */
  | { readonly ok: false; readonly problem: string };

const bad = (problem: string): RowsText => ({ ok: false, problem });

/** The JSON text of the rows that a job's return value stands for, checked against `columns`. */
export function encodeRows(result: unknown, columns: readonly string[] | undefined): RowsText {
  const several = result instanceof Rows;
  const list: readonly unknown[] = several ? result.list : [result];
  const rows: (readonly unknown[])[] = [];
  for (let index = 0; index < list.length; index++) {
    const path = several ? `result.rows[${index}]` : 'result';
    const row = toRow(list[index], path, columns);
    if (typeof row === 'string') return bad(row);
    rows.push(row);
  }
  const rowsJson = encodeJson(rows);
  if (rowsJson.length <= resultCharsMax) return { ok: true, rowsJson };
  const size = `the result has ${rowsJson.length} characters, the most is ${resultCharsMax}`;
  return bad(`${size}; write large data to context.file(name) instead`);
}

/** A row, or what is wrong with it. */
function toRow(value: unknown, path: string, columns: readonly string[] | undefined): readonly unknown[] | string {
  if (value === undefined) return [];
  const unstorable = findUnstorable(value, path);
  if (unstorable !== undefined) {
    return `${unstorable.path} is ${unstorable.what}; a result must be made of JSON values (numbers, strings, lists …)`;
  }
  const row = toList(value) ?? matchColumns(new Map(Object.entries(Object(value))), path, columns);
  if (typeof row === 'string' || columns === undefined || row.length === columns.length) return row;
  return `${path} has ${row.length} values, columns names ${columns.length} (${columns.join(', ')})`;
}

/** The cells of a tuple or a single value; `undefined` for an object. */
function toList(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return [value];
  if (Array.isArray(value)) return value;
  return isNumericArray(value) ? Array.from(value) : undefined;
}

function matchColumns(
  members: ReadonlyMap<string, unknown>,
  path: string,
  columns: readonly string[] | undefined,
): readonly unknown[] | string {
  if (columns === undefined) return [...members.values()];
  const missing = columns.find((name) => !members.has(name));
  if (missing !== undefined) return `${path} has no ${JSON.stringify(missing)}, which columns names`;
  const extra = [...members.keys()].find((name) => !columns.includes(name));
  if (extra !== undefined) return `${path} has ${JSON.stringify(extra)}, which columns does not name`;
  return columns.map((name) => members.get(name));
}
