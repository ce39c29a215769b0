import { stringify } from 'csv-stringify/sync';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { projectRows, type RowShape, type RowSource } from '../core/result-row.ts';

export interface ResultsShape {
  readonly shape: Omit<RowShape, 'width'>;
  /** The header; `rowWidth` serves where the experiment does not name its columns. */
  readonly header: (rowWidth: number) => readonly string[];
  /** The number of result columns, where it is known beforehand. */
  readonly width: number | undefined;
  readonly source: RowSource;
}

/** Outcomes spelt at once. */
const outcomesPerPiece = 10_000;

/** Spells the text of `results.csv` from its beginning on, piece by piece. */
export class ResultsText {
  readonly #layout: ResultsShape;
  #width: number | undefined;
  #headerWritten = false;

  constructor(layout: ResultsShape) {
    this.#layout = layout;
    this.#width = layout.width;
  }

  *pieces(outcomes: readonly FoldedOutcome[]): Generator<string> {
    for (let from = 0; from === 0 || from < outcomes.length; from += outcomesPerPiece) {
      yield this.next(outcomes.slice(from, from + outcomesPerPiece));
    }
  }

  next(outcomes: readonly FoldedOutcome[]): string {
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
    if (rows.length === 0) return '';
    return stringify(
      rows.map((row) => [...row]),
      { record_delimiter: '\n' },
    );
  }
}

function firstRow(outcomes: readonly FoldedOutcome[]): readonly unknown[] | undefined {
  for (const { outcome } of outcomes) {
    if (outcome.result.status === 'succeeded' && outcome.result.rows[0] !== undefined) return outcome.result.rows[0];
  }
  return undefined;
}
