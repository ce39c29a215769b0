import { type ByteText, bytesOf } from './byte-text.ts';
import { spellCell } from './cell.ts';
import { decodeJson } from './json.ts';
import { identityOf } from './occurrences.ts';
import { seedOfStream } from './random.ts';
import type { RowShape } from './result-row.ts';
import { NumberRow, type QuoteCell, type RowText } from './row-text.ts';
import { TimeSpeller } from './time-text.ts';

/** What a line of `results.csv` says of a job before its results. */
export interface JobFacts {
  readonly job: number;
  readonly attempt: number;
  readonly argsJson: string;
  readonly occurrence: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Whole microseconds. */
  readonly runMicros: number;
}

/** What is the same for all lines that a worker spells. */
export interface CsvStyle {
  readonly shape: Omit<RowShape, 'width'>;
  readonly sessionStartedAtMs: number;
  readonly machine: string;
  readonly seed: string;
}

/** Spells lines of `results.csv`: the same text as `projectRows` with `csv-stringify`, many times as fast. */
export class CsvLines {
  readonly #style: CsvStyle;
  readonly #quoteCell: QuoteCell;
  readonly #startTimes: TimeCell;
  readonly #endTimes: TimeCell;
  readonly #runStart: Uint8Array;
  readonly #machine: string;

  constructor(style: CsvStyle, quoteCell: QuoteCell) {
    const { shape, sessionStartedAtMs, machine } = style;
    this.#style = style;
    this.#quoteCell = quoteCell;
    this.#startTimes = new TimeCell(shape.timestamps);
    this.#endTimes = new TimeCell(shape.timestamps);
    const runStart = new TimeSpeller(shape.timestamps).spell(sessionStartedAtMs);
    this.#runStart = bytesOf(shape.includeStartTime ? `${runStart},` : '');
    this.#machine = shape.includeMachine ? `${quoteCell(machine)},` : '';
  }

  /** Whether they say anything that follows from a job's arguments. */
  get needArgs(): boolean {
    const { includeSeed, includeArguments } = this.#style.shape;
    return includeSeed || includeArguments;
  }

  /** Puts the lines of one job, each with its line feed; rows shorter than `width` are filled up with empty cells. */
  put(text: ByteText, facts: JobFacts, rows: readonly RowText[], width: number): void {
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] ?? emptyRow;
      const before = text.length;
      this.#putMeta(text, facts);
      if (row instanceof NumberRow) text.putNumbers(row.numbers);
      else text.put(row.csv);
      if (row.width < width) text.put(missingCells(row, width));
      else if (row.width === 0 && text.length > before) text.drop(1);
      text.putLineFeed();
    }
  }

  /** The cells before the results, each with its comma. */
  #putMeta(text: ByteText, facts: JobFacts): void {
    const { shape } = this.#style;
    text.append(this.#runStart);
    if (shape.includeJobInterval) text.put(secondsText(facts.runMicros));
    if (shape.includeJobStartTime) this.#startTimes.put(text, facts.startedAtMs);
    if (shape.includeJobDoneTime) this.#endTimes.put(text, facts.endedAtMs);
    if (shape.includeJobId) {
      text.putInteger(facts.job);
      text.putComma();
    }
    text.put(this.#machine);
    if (shape.includeAttempt) text.put(`${facts.attempt},`);
    if (shape.includeSeed) {
      text.put(`${seedOfStream(this.#style.seed, identityOf(facts.argsJson, facts.occurrence))},`);
    }
    if (shape.includeArguments) text.put(this.#args(facts.argsJson));
  }

  #args(argsJson: string): string {
    const args = decodeJson(argsJson);
    if (!Array.isArray(args)) return '';
    return args.map((value) => `${this.#quoteCell(spellCell(value))},`).join('');
  }
}

/** A time of day with its comma. Short jobs start by the hundred in one millisecond: its bytes are kept. */
class TimeCell {
  readonly #times: TimeSpeller;
  #ms = Number.NaN;
  #bytes = bytesOf('');

  constructor(style: 'iso' | 'unix') {
    this.#times = new TimeSpeller(style);
  }

  put(text: ByteText, ms: number): void {
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#bytes = bytesOf(`${this.#times.spell(ms)},`);
    }
    text.append(this.#bytes);
  }
}

const emptyRow: RowText = { json: '', csv: '', width: 0 };

/** Empty cells behind a row that is too short. Commas stand between cells: nothing is between no cells. */
export function missingCells(row: RowText, width: number): string {
  const missing = width - row.width;
  return missing > 0 ? ','.repeat(row.width === 0 ? missing - 1 : missing) : '';
}

/** Many jobs are shorter than this many microseconds; their times are spelt once. */
const speltMicros = 1_000;
const microsPerSecond = 1_000_000;
const secondsTexts = Array.from({ length: speltMicros }, (_, micros) => `${micros / microsPerSecond},`);

/** In seconds, with its comma. */
function secondsText(micros: number): string {
  return (micros < speltMicros ? secondsTexts[micros] : undefined) ?? `${micros / microsPerSecond},`;
}
