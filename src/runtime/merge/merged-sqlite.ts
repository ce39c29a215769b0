import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { spellCell } from '../../core/cell.ts';
import { uniqueNames } from '../../core/merge/column-names.ts';
import type { MergedJob, MergedTable } from '../../core/merge/merged-row.ts';
import { mergedValues } from '../../core/merge/merged-values.ts';
import { type Files, withFile } from '../files.ts';
import type { MergedLayout } from './merged-csv.ts';

/**
 * A table `results` in a SQLite file, its columns from the header. Whole numbers are INTEGER, others REAL, truth values 1 and
 * 0, nested values JSON; NaN, which SQLite would take for NULL, is the text `NaN`.
 */
export class MergedSqlite implements MergedTable {
  readonly fileName: string;
  readonly #path: string;
  readonly #layout: MergedLayout;
  readonly #files: Files;
  readonly #database: DatabaseSync;
  #columns = 0;
  #insert: StatementSync | undefined;

  constructor(path: string, fileName: string, layout: MergedLayout, files: Files) {
    this.fileName = fileName;
    this.#path = path;
    this.#layout = layout;
    this.#files = files;
    const { DatabaseSync } = loadSqlite();
    this.#database = new DatabaseSync(path);
    // Only a whole file gets its name.
    this.#database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
  }

  add(job: MergedJob, width: number): void {
    const { shape, seed } = this.#layout;
    for (const values of mergedValues(job, shape, seed)) {
      const insert = this.#insertOf(values.length, width);
      const cells = values.map(toSqlite);
      while (cells.length < this.#columns) cells.push(null);
      insert.run(...cells);
    }
  }

  finish(width: number): void {
    this.#insertOf(0, width);
    this.#database.exec('COMMIT');
    this.#database.close();
    withFile(this.#files, this.#path, 'update', (file) => this.#files.sync(file));
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** A row that is longer than all before adds columns. */
  #insertOf(count: number, width: number): StatementSync {
    if (this.#insert !== undefined && count <= this.#columns) return this.#insert;
    const names = uniqueNames(this.#layout.header(width), Math.max(1, count)).map(quoteName);
    if (this.#insert === undefined) this.#database.exec(`CREATE TABLE results (${names.join(', ')})`);
    else for (const name of names.slice(this.#columns)) this.#database.exec(`ALTER TABLE results ADD COLUMN ${name}`);
    this.#columns = names.length;
    this.#insert = this.#database.prepare(`INSERT INTO results VALUES (${names.map(() => '?').join(', ')})`);
    return this.#insert;
  }
}

function quoteName(name: string): string {
  return `"${name.replaceAll('\0', '').replaceAll('"', '""')}"`;
}

function toSqlite(value: unknown): SQLInputValue {
  switch (typeof value) {
    case 'number':
      if (Number.isNaN(value)) return 'NaN';
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
    case 'string':
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    default:
      return value === null || value === undefined ? null : spellCell(value);
  }
}

/** Node warns that its SQLite is young; whoever asked for a table need not read that. */
function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: []) => {
    if (!String(warning).includes('SQLite')) emitWarning(warning, ...rest);
  }) as typeof emitWarning;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
