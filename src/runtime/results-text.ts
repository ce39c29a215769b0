import { stringify } from 'csv-stringify/sync';
import type { CsvProof } from '../core/journal/block.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { SettledPart } from '../core/journal/settled.ts';
import type { Block } from '../core/outcome.ts';
import { projectRows, type RowShape, type RowSource } from '../core/result-row.ts';

export interface ResultsShape {
  readonly shape: Omit<RowShape, 'width'>;
  /** The header; `rowWidth` serves where the experiment does not name its columns. */
  readonly header: (rowWidth: number) => readonly string[];
  /** The number of result columns, where it is known beforehand. */
  readonly width: number | undefined;
  /** How many result columns `header.csv` names, where the experiment names none. */
  readonly named?: number | undefined;
  readonly source: RowSource;
  /** Stands for all of the above in a session's line of the journal; without it no part's proof is believed. */
  readonly fingerprint?: string;
}

/** A stretch of the file. */
export interface ResultsPiece {
  /** What it must be, where that is known without its text. */
  readonly proof?: CsvProof;
  /** To be called before the next piece is asked for. */
  spell(): Buffer;
}

/** Rows that a worker has spelt. */
export interface ResultsBlock extends Pick<Block, 'csv' | 'width' | 'widths'> {
  /** What they were spelt from. */
  outcomes(): readonly FoldedOutcome[];
}

/** Outcomes spelt at once. */
const outcomesPerPiece = 1_000;

/** Spells the text of `results.csv` from its beginning on. */
export class ResultsText {
  readonly #layout: ResultsShape;
  #width: number | undefined;
  #headerWritten = false;

  constructor(layout: ResultsShape) {
    this.#layout = layout;
    this.#width = layout.width;
  }

  /** For how many result cells the header is; `undefined`: there is none yet. */
  get width(): number | undefined {
    return this.#width;
  }

  /** The whole file, piece by piece. */
  *pieces(parts: Iterable<SettledPart>): Generator<ResultsPiece> {
    // Where the columns are known, the header stands there from the start.
    yield pieceOf(this.next([]));
    let gathered: FoldedOutcome[] = [];
    for (const part of parts) {
      const proof = this.#proofOf(part);
      if (proof === undefined) for (const folded of part.outcomes()) gathered.push(folded);
      if (gathered.length > 0 && (proof !== undefined || !this.#headerWritten || gathered.length >= outcomesPerPiece)) {
        yield pieceOf(this.next(gathered));
        gathered = [];
      }
      if (proof !== undefined) yield { proof, spell: () => Buffer.from(this.next(part.outcomes())) };
    }
    if (gathered.length > 0) yield pieceOf(this.next(gathered));
  }

  next(outcomes: readonly FoldedOutcome[]): string {
    const header = this.before(firstRow(outcomes)?.length);
    return header + spellRows(this.#layout, this.#width ?? 0, outcomes);
  }

  /** What has to stand before rows of which the first has so many result cells. */
  before(width: number | undefined): string {
    this.#width ??= width;
    if (this.#headerWritten || this.#width === undefined) return '';
    this.#headerWritten = true;
    return spell([this.#layout.header(this.#width)]);
  }

  /** Whether rows spelt elsewhere, of which the first has so many result cells, are as they would be spelt here. */
  fits(width: number | undefined): boolean {
    return (
      width === undefined || this.#layout.width !== undefined || this.#width === undefined || this.#width === width
    );
  }

  #proofOf({ csv, session }: SettledPart): CsvProof | undefined {
    const { fingerprint } = this.#layout;
    return this.#headerWritten && fingerprint !== undefined && session.results === fingerprint ? csv : undefined;
  }
}

/** The lines that some outcomes give, without a header. */
export function spellRows({ shape, source }: ResultsShape, width: number, outcomes: readonly FoldedOutcome[]): string {
  const full = { ...shape, width };
  return spell(outcomes.flatMap(({ outcome, session }) => projectRows(outcome, session, source, full)));
}

function pieceOf(text: string): ResultsPiece {
  const data = Buffer.from(text);
  return { spell: () => data };
}

function spell(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  return stringify(
    rows.map((row) => [...row]),
    { record_delimiter: '\n' },
  );
}

function firstRow(outcomes: readonly FoldedOutcome[]): readonly unknown[] | undefined {
  for (const { outcome } of outcomes) {
    if (outcome.result.status === 'succeeded' && outcome.result.rows[0] !== undefined) return outcome.result.rows[0];
  }
  return undefined;
}
