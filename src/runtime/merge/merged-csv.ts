import { spellRow } from '../../config/header.ts';
import { ByteText } from '../../core/byte-text.ts';
import { CsvLines } from '../../core/csv-line.ts';
import type { Origin } from '../../core/merge/candidate.ts';
import type { MergedJob, MergedTable } from '../../core/merge/merged-row.ts';
import type { RowShape } from '../../core/result-row.ts';
import type { Files } from '../files.ts';
import { quoteCell } from '../quote-cell.ts';
import { TextFile } from './text-file.ts';

export interface MergedLayout {
  readonly shape: Omit<RowShape, 'width'>;
  readonly seed: string;
  /** The cells of the header, for so many result columns. */
  readonly header: (width: number) => readonly string[];
}

const writeAtBytes = 1 << 20;

/** `results.csv` of a merge: its lines are spelt by the same code as those of a run. */
export class MergedCsv implements MergedTable {
  readonly fileName: string;
  readonly #layout: MergedLayout;
  readonly #file: TextFile;
  readonly #text = new ByteText(2 * writeAtBytes);
  readonly #lines = new Map<Origin, CsvLines>();
  #hasHeader = false;

  constructor(path: string, fileName: string, layout: MergedLayout, files: Files) {
    this.fileName = fileName;
    this.#layout = layout;
    this.#file = new TextFile(path, files);
  }

  add({ candidate, origin, rows, argsJson, occurrence }: MergedJob, width: number): void {
    this.#putHeader(width);
    this.#linesOf(origin).put(this.#text, { ...candidate, argsJson, occurrence }, rows, width);
    if (this.#text.length >= writeAtBytes) this.#write();
  }

  finish(width: number): void {
    this.#putHeader(width);
    this.#write();
    this.#file.finish();
  }

  close(): void {
    this.#file.close();
  }

  #putHeader(width: number): void {
    if (this.#hasHeader) return;
    this.#hasHeader = true;
    this.#text.put(`${spellRow(this.#layout.header(width))}\n`);
  }

  #write(): void {
    this.#file.write(this.#text.bytes);
    this.#text.clear();
  }

  #linesOf(origin: Origin): CsvLines {
    const known = this.#lines.get(origin);
    if (known !== undefined) return known;
    const { machine, session } = origin;
    const { shape, seed } = this.#layout;
    const lines = new CsvLines({ shape, seed, machine, sessionStartedAtMs: session.startedAtMs }, quoteCell);
    this.#lines.set(origin, lines);
    return lines;
  }
}
