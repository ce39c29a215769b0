import { ByteText } from '../byte-text.ts';
import type { CsvLines, JobFacts } from '../csv-line.ts';
import type { JobFile } from '../outcome.ts';
import type { RowText } from '../row-text.ts';

/** One job that succeeded. */
export interface SpeltSuccess extends JobFacts {
  readonly rows: readonly RowText[];
  /** Not there where it wrote none. */
  readonly files?: readonly JobFile[] | undefined;
}

/** What is told of a block beside its text. */
export interface BlockFacts {
  readonly jobs: number;
  readonly sumMs: number;
  readonly maxMs: number;
  readonly hasFiles: boolean;
  readonly bodyBytes: number;
  readonly csvBytes: number;
}

/**
 * Gathers successes of one worker until they go out as one line of the journal (its format stands in `block.ts`),
 * member by member, beside their lines of `results.csv`.
 */
export class BlockText {
  readonly #worker: number;
  readonly #csvLines: CsvLines;
  readonly #jobs = new ByteText();
  readonly #same = new ByteText(0);
  readonly #args = new ByteText();
  readonly #begin = new ByteText();
  readonly #run = new ByteText();
  /** How much later than begin and run together say a job ended: the machine was suspended. Most blocks have none. */
  readonly #late = new ByteText(0);
  readonly #rows = new ByteText();
  readonly #files = new ByteText(0);
  readonly #csv = new ByteText();
  readonly #body = new ByteText();
  #count = 0;
  #attempt = 1;
  #startMs = 0;
  #sumMicros = 0;
  #maxMicros = 0;

  constructor(worker: number, csvLines: CsvLines) {
    this.#worker = worker;
    this.#csvLines = csvLines;
  }

  get jobs(): number {
    return this.#count;
  }

  /** About as many bytes as it takes in both files. */
  get bytes(): number {
    return this.#args.length + this.#rows.length + this.#csv.length;
  }

  /** Whether a success fits in: all of a block are of the same attempt. */
  takes(attempt: number): boolean {
    return this.#count === 0 || this.#attempt === attempt;
  }

  /** Rows shorter than `width` are filled up in `results.csv`. */
  add(success: SpeltSuccess, width: number): void {
    const { job, argsJson, startedAtMs, runMicros, rows } = success;
    if (this.#count === 0) {
      this.#attempt = success.attempt;
      this.#startMs = startedAtMs;
    }
    this.#count++;
    this.#jobs.putInteger(job);
    this.#jobs.putComma();
    this.#args.put(argsJson);
    this.#args.putComma();
    this.#begin.putInteger(startedAtMs - this.#startMs);
    this.#begin.putComma();
    this.#run.put(millisecondsText(runMicros));
    this.#putRows(rows);
    this.#putRare(success);
    this.#csvLines.put(this.#csv, success, rows, width);
    this.#sumMicros += runMicros;
    if (runMicros > this.#maxMicros) this.#maxMicros = runMicros;
  }

  #putRows(rows: readonly RowText[]): void {
    const text = this.#rows;
    text.put('[');
    for (let at = 0; at < rows.length; at++) {
      text.put(at === 0 ? '[' : ',[');
      text.put(rows[at]?.json ?? '');
      text.put(']');
    }
    text.put('],');
  }

  /** Most blocks have none of these. */
  #putRare({ occurrence, files, startedAtMs, endedAtMs, runMicros }: SpeltSuccess): void {
    const lateMs = endedAtMs - startedAtMs - Math.round(runMicros / 1_000);
    if (lateMs !== 0 && this.#late.length === 0) this.#late.put('0,'.repeat(this.#count - 1));
    if (lateMs !== 0 || this.#late.length > 0) this.#late.put(`${lateMs},`);
    if (occurrence !== 0 && this.#same.length === 0) this.#same.put('0,'.repeat(this.#count - 1));
    if (occurrence !== 0 || this.#same.length > 0) this.#same.put(`${occurrence},`);
    if (files !== undefined && this.#files.length === 0) this.#files.put('null,'.repeat(this.#count - 1));
    if (files !== undefined || this.#files.length > 0) this.#files.put(`${JSON.stringify(files ?? null)},`);
  }

  /** Hands out the text and empties itself; the bytes are good until the next `add`. `crcOf`: CRC-32. */
  take(crcOf: (bytes: Uint8Array) => number): BlockFacts & { readonly body: Uint8Array; readonly csv: Uint8Array } {
    const csv = this.#csv.bytes;
    const hasFiles = this.#files.length > 0;
    const body = this.#spellBody(csv.length, crcOf(csv).toString(16).padStart(8, '0'));
    const facts = {
      jobs: this.#count,
      sumMs: this.#sumMicros / 1_000,
      maxMs: this.#maxMicros / 1_000,
      hasFiles,
      bodyBytes: body.length,
      csvBytes: csv.length,
    };
    for (const text of [
      this.#jobs,
      this.#same,
      this.#args,
      this.#begin,
      this.#run,
      this.#late,
      this.#rows,
      this.#files,
      this.#csv,
    ])
      text.clear();
    this.#count = this.#sumMicros = this.#maxMicros = 0;
    return { ...facts, body, csv };
  }

  #spellBody(csvBytes: number, csvCrc: string): Uint8Array {
    const body = this.#body;
    body.clear();
    body.put(`{"type":"block","worker":${this.#worker},"attempt":${this.#attempt},"start":${this.#startMs}`);
    body.put(`,"csv":[${csvBytes},"${csvCrc}"]`);
    this.#putMember('jobs', this.#jobs);
    this.#putMember('same', this.#same);
    this.#putMember('args', this.#args);
    this.#putMember('begin', this.#begin);
    this.#putMember('run', this.#run);
    this.#putMember('late', this.#late);
    this.#putMember('rows', this.#rows);
    this.#putMember('files', this.#files);
    body.put('}');
    return body.bytes;
  }

  #putMember(name: string, list: ByteText): void {
    if (list.length === 0) return;
    // Its last comma stands before nothing.
    list.drop(1);
    this.#body.put(`,"${name}":[`);
    this.#body.append(list.bytes);
    this.#body.put(']');
  }
}

/** Many jobs are shorter than this many microseconds; their times are spelt once. */
const speltMicros = 1_000;
const millisecondsTexts: string[] = [];

/** In milliseconds, with its comma. */
function millisecondsText(micros: number): string {
  if (micros >= speltMicros) return `${micros / 1_000},`;
  millisecondsTexts[micros] ??= `${micros / 1_000},`;
  return millisecondsTexts[micros] ?? '';
}
