import { appendFileSync, closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { projectRows, type RowShape, type RowSource } from '../core/result-row.ts';

export interface ResultsLayout {
  readonly path: string;
  readonly shape: Omit<RowShape, 'width'>;
  /** The header; `rowWidth` serves where the experiment does not name its columns. */
  readonly header: (rowWidth: number) => readonly string[];
  /** The number of result columns, where it is known beforehand. */
  readonly width: number | undefined;
  readonly source: RowSource;
  /** Told once when the file cannot be written; it falls behind and catches up. */
  readonly onTrouble: (message: string) => void;
}

/** Cells gathered before they are written. */
const rowsPerWrite = 10_000;
/** Text that is kept while the file cannot be written; beyond it the next start repairs the file. */
const behindCharsMax = 64 * 1024 ** 2;

/** `results.csv`: a projection of the journal. Its troubles never stop a run. */
export class ResultsFile {
  readonly #layout: ResultsLayout;
  #headerWritten = false;
  #width: number | undefined;
  #pending = '';
  #troubled = false;

  constructor(layout: ResultsLayout) {
    this.#layout = layout;
    this.#width = layout.width;
  }

  /** Makes the file anew from what is settled: also what repairs one that was torn or edited. */
  rewrite(outcomes: Iterable<FoldedOutcome>): void {
    const draft = `${this.#layout.path}.new`;
    this.#headerWritten = false;
    this.#attempt(() => {
      const file = openSync(draft, 'w');
      try {
        this.#writeAll(outcomes, (text) => writeSync(file, text));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, this.#layout.path);
    });
  }

  append(outcomes: readonly FoldedOutcome[]): void {
    this.#pending += this.#spell(outcomes);
    if (this.#pending === '') return;
    const written = this.#attempt(() => appendFileSync(this.#layout.path, this.#pending));
    if (written || this.#pending.length > behindCharsMax) this.#pending = '';
  }

  /** At the end of a run: whether the file holds everything. */
  finish(): boolean {
    this.append([]);
    return this.#pending === '' && !this.#troubled;
  }

  #writeAll(outcomes: Iterable<FoldedOutcome>, write: (text: string) => void): void {
    let batch: FoldedOutcome[] = [];
    for (const outcome of outcomes) {
      batch.push(outcome);
      if (batch.length < rowsPerWrite) continue;
      write(this.#spell(batch));
      batch = [];
    }
    write(this.#spell(batch));
  }

  #spell(outcomes: readonly FoldedOutcome[]): string {
    const { shape, source } = this.#layout;
    this.#width ??= firstRow(outcomes)?.length;
    const rows: (readonly string[])[] = [];
    // Where the columns are known, the header stands there from the start.
    if (!this.#headerWritten && this.#width !== undefined) {
      rows.push(this.#layout.header(this.#width));
      this.#headerWritten = true;
    }
    const width = this.#width ?? 0;
    for (const { outcome, session } of outcomes)
      rows.push(...projectRows(outcome, session, source, { ...shape, width }));
    return rows.length === 0
      ? ''
      : stringify(
          rows.map((row) => [...row]),
          { record_delimiter: '\n' },
        );
  }

  #attempt(act: () => void): boolean {
    try {
      act();
      this.#troubled = false;
      return true;
    } catch (error) {
      if (!this.#troubled)
        this.#layout.onTrouble(`${this.#layout.path} cannot be written and falls behind: ${why(error)}`);
      this.#troubled = true;
      return false;
    }
  }
}

function firstRow(outcomes: readonly FoldedOutcome[]): readonly unknown[] | undefined {
  for (const { outcome } of outcomes) {
    if (outcome.result.status === 'succeeded' && outcome.result.rows[0] !== undefined) return outcome.result.rows[0];
  }
  return undefined;
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
