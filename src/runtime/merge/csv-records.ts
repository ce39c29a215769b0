import { type Files, withFile } from '../files.ts';

/** One line of a CSV file; more than one line of text where a cell holds a line feed. */
export interface CsvRecord {
  /** Without its line end. */
  readonly text: string;
  /** Of the file, from 1. */
  readonly line: number;
  /** Whether quotes occur: without any, the cells are what stands between commas. */
  readonly hasQuotes: boolean;
}

const chunkBytes = 1 << 20;
/** A quote that is never closed must not fill the memory. */
export const recordBytesMax: number = 256 * 1024 ** 2;
const [lineFeed, quote] = [10, 34];

/**
 * The records of a CSV file, one after the other; a BOM is passed over, and CR before the ends of lines where the first line
 * has one. A record that is longer than anything merge writes ends the reading with what was gathered.
 */
export function readRecords(path: string, files: Files, see: (record: CsvRecord) => boolean): void {
  withFile(files, path, 'read', (file) => {
    const splitter = new RecordSplitter(see);
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let at = 0; ; ) {
      const read = files.read(file, chunk, at);
      if (read === 0) break;
      at += read;
      if (!splitter.add(chunk.subarray(0, read))) return;
    }
    splitter.finish();
  });
}

class RecordSplitter {
  readonly #see: (record: CsvRecord) => boolean;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #quotes = 0;
  #line = 1;
  #lines = 0;
  #isFirst = true;
  #dropsReturns = false;

  constructor(see: (record: CsvRecord) => boolean) {
    this.#see = see;
  }

  /** Says no when no more is wanted. */
  add(chunk: Buffer): boolean {
    let [from, at] = [0, 0];
    let nextQuote = chunk.indexOf(quote);
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, at)) {
      for (; nextQuote >= 0 && nextQuote < end; nextQuote = chunk.indexOf(quote, nextQuote + 1)) this.#quotes++;
      at = end + 1;
      this.#lines++;
      // Inside quotes a line feed belongs to the cell.
      if (this.#quotes % 2 === 1) continue;
      if (!this.#take(chunk.subarray(from, end))) return false;
      from = at;
    }
    for (; nextQuote >= 0; nextQuote = chunk.indexOf(quote, nextQuote + 1)) this.#quotes++;
    if (from < chunk.length) {
      this.#rest.push(Buffer.from(chunk.subarray(from)));
      this.#restBytes += chunk.length - from;
    }
    return this.#restBytes <= recordBytesMax || this.#take(Buffer.alloc(0));
  }

  finish(): void {
    if (this.#restBytes > 0) this.#take(Buffer.alloc(0));
  }

  #take(piece: Buffer): boolean {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([...this.#rest, piece]);
    let text = bytes.toString('utf8');
    if (this.#isFirst) {
      if (text.startsWith('\uFEFF')) text = text.slice(1);
      this.#dropsReturns = text.endsWith('\r');
      this.#isFirst = false;
    }
    if (this.#dropsReturns && text.endsWith('\r')) text = text.slice(0, -1);
    const record = { text, line: this.#line, hasQuotes: this.#quotes > 0 };
    this.#rest = [];
    this.#restBytes = this.#quotes = 0;
    this.#line += this.#lines;
    this.#lines = 0;
    return this.#see(record);
  }
}
