import { ByteText } from '../byte-text.ts';
import type { CsvLines } from '../csv-line.ts';
import type { JobFile } from '../outcome.ts';
import { NumberRow, type RowText } from '../row-text.ts';

/** Which job succeeded, and when. */
export interface Success {
  readonly job: {
    readonly index: number;
    readonly attempt: number;
    readonly occurrence: number;
    /** Its arguments in canonical JSON. */
    putArgs(text: ByteText): void;
  };
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Whole microseconds. */
  readonly runMicros: number;
}

/** What is told of a block beside its text. */
export interface BlockFacts {
  readonly jobs: number;
  readonly sumMs: number;
  readonly maxMs: number;
  readonly bodyBytes: number;
  readonly csvBytes: number;
}

// A job may replace what these hold.
const { stringify } = JSON;
const { round } = Math;
const decoder = new TextDecoder();

/** What a job takes in both files beside its arguments and rows, about. */
const bytesPerJob = 120;
/** Jobs of one line of the journal: a damaged one costs no more. */
const blockJobsMax = 4_096;

/**
 * Gathers successes of one worker until they go out as one line of the journal (its format stands in `block.ts`) and
 * lines of `results.csv`. Both are spelt at once, member by member: tight loops over numbers that were put aside take half
 * the time of many small steps, and leave less garbage.
 */
export class BlockText {
  readonly #worker: number;
  readonly #csvLines: CsvLines;
  readonly #jobs = new Float64Array(blockJobsMax);
  readonly #occurrences = new Float64Array(blockJobsMax);
  readonly #startedAtMs = new Float64Array(blockJobsMax);
  readonly #endedAtMs = new Float64Array(blockJobsMax);
  readonly #runMicros = new Float64Array(blockJobsMax);
  /** Each with a comma behind it. */
  readonly #args = new ByteText();
  readonly #argsEnds = new Float64Array(blockJobsMax);
  readonly #rows: (readonly RowText[])[] = [];
  /** Of the few jobs that wrote any, by their place. */
  readonly #files = new Map<number, readonly JobFile[]>();
  readonly #body = new ByteText();
  readonly #csv = new ByteText();
  #count = 0;
  #attempt = 1;
  #width = 0;
  #bytes = 0;

  constructor(worker: number, csvLines: CsvLines) {
    this.#worker = worker;
    this.#csvLines = csvLines;
  }

  get jobs(): number {
    return this.#count;
  }

  /** About as many bytes as it will take in both files. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a success fits in: all of a block are of the same attempt. */
  takes(attempt: number): boolean {
    return this.#count === 0 || (this.#attempt === attempt && this.#count < blockJobsMax);
  }

  /** Rows shorter than `width` are filled up in `results.csv`. */
  add(success: Success, rows: readonly RowText[], files: readonly JobFile[] | undefined, width: number): void {
    const at = this.#count;
    const { job } = success;
    const before = this.#args.length;
    job.putArgs(this.#args);
    this.#args.putComma();
    this.#argsEnds[at] = this.#args.length;
    this.#attempt = job.attempt;
    this.#width = width;
    this.#jobs[at] = job.index;
    this.#occurrences[at] = job.occurrence;
    this.#startedAtMs[at] = success.startedAtMs;
    this.#endedAtMs[at] = success.endedAtMs;
    this.#runMicros[at] = success.runMicros;
    this.#rows[at] = rows;
    if (files !== undefined) this.#files.set(at, files);
    this.#bytes += bytesPerJob + this.#args.length - before;
    for (let row = 0; row < rows.length; row++) this.#bytes += 2 * charsOf(rows[row]);
    // Last: what was thrown before leaves whole jobs alone.
    this.#count++;
  }

  /** Hands out the text and empties itself; the bytes are good until the next `take`. `crcOf`: CRC-32. */
  take(crcOf: (bytes: Uint8Array) => number): BlockFacts & { readonly body: Uint8Array; readonly csv: Uint8Array } {
    const csv = this.#spellCsv();
    const body = this.#spellBody(csv.length, crcOf(csv).toString(16).padStart(8, '0'));
    const sums = this.#sumUp();
    const facts = { ...sums, bodyBytes: body.length, csvBytes: csv.length };
    this.#count = this.#bytes = 0;
    this.#rows.length = 0;
    this.#args.clear();
    this.#files.clear();
    return { ...facts, body, csv };
  }

  #sumUp(): Pick<BlockFacts, 'jobs' | 'sumMs' | 'maxMs'> {
    let [sum, max] = [0, 0];
    for (let at = 0; at < this.#count; at++) {
      const micros = this.#runMicros[at] ?? 0;
      sum += micros;
      if (micros > max) max = micros;
    }
    return { jobs: this.#count, sumMs: sum / 1_000, maxMs: max / 1_000 };
  }

  #spellCsv(): Uint8Array {
    this.#csv.clear();
    const facts = {
      job: 0,
      attempt: this.#attempt,
      argsJson: '',
      occurrence: 0,
      startedAtMs: 0,
      endedAtMs: 0,
      runMicros: 0,
    };
    for (let at = 0; at < this.#count; at++) {
      facts.job = this.#jobs[at] ?? 0;
      if (this.#csvLines.needArgs) facts.argsJson = this.#argsOf(at);
      facts.occurrence = this.#occurrences[at] ?? 0;
      facts.startedAtMs = this.#startedAtMs[at] ?? 0;
      facts.endedAtMs = this.#endedAtMs[at] ?? 0;
      facts.runMicros = this.#runMicros[at] ?? 0;
      this.#csvLines.put(this.#csv, facts, this.#rows[at] ?? [], this.#width);
    }
    return this.#csv.bytes;
  }

  #argsOf(at: number): string {
    const from = at === 0 ? 0 : this.#argsEnds[at - 1];
    return decoder.decode(this.#args.bytes.subarray(from, (this.#argsEnds[at] ?? 1) - 1));
  }

  #spellBody(csvBytes: number, csvCrc: string): Uint8Array {
    const body = this.#body;
    const startMs = this.#startedAtMs[0] ?? 0;
    body.clear();
    body.put(`{"type":"block","worker":${this.#worker},"attempt":${this.#attempt},"start":${startMs}`);
    body.put(`,"csv":[${csvBytes},"${csvCrc}"],"jobs":[`);
    for (let at = 0; at < this.#count; at++) {
      body.putInteger(this.#jobs[at] ?? 0);
      body.putComma();
    }
    this.#closeMember();
    this.#putRare('same', (at) => this.#occurrences[at] ?? 0);
    body.put(',"args":[');
    body.append(this.#args.bytes.subarray(0, this.#argsEnds[this.#count - 1]));
    this.#closeMember();
    this.#putTimes(startMs);
    this.#putRows();
    if (this.#files.size > 0) this.#putList('files', (at) => stringify(this.#files.get(at) ?? null));
    body.put('}');
    return body.bytes;
  }

  #putTimes(startMs: number): void {
    const body = this.#body;
    body.put(',"begin":[');
    for (let at = 0; at < this.#count; at++) {
      body.putInteger((this.#startedAtMs[at] ?? 0) - startMs);
      body.putComma();
    }
    this.#closeMember();
    body.put(',"run":[');
    for (let at = 0; at < this.#count; at++) body.put(millisecondsText(this.#runMicros[at] ?? 0));
    this.#closeMember();
    this.#putRare('late', (at) => this.#lateMsOf(at));
  }

  /** How much later than begin and run together say a job ended: the machine was suspended, or its clock was set. */
  #lateMsOf(at: number): number {
    const runMs = round((this.#runMicros[at] ?? 0) / 1_000);
    return (this.#endedAtMs[at] ?? 0) - (this.#startedAtMs[at] ?? 0) - runMs;
  }

  #putRows(): void {
    const body = this.#body;
    body.put(',"rows":[');
    for (let at = 0; at < this.#count; at++) {
      const rows = this.#rows[at] ?? [];
      body.put('[');
      for (let row = 0; row < rows.length; row++) {
        body.put(row === 0 ? '[' : ',[');
        this.#putRow(rows[row]);
        body.put(']');
      }
      body.put('],');
    }
    this.#closeMember();
  }

  #putRow(row: RowText | undefined): void {
    if (row instanceof NumberRow) this.#body.putNumbers(row.numbers);
    else this.#body.put(row?.json ?? '');
  }

  /** The last comma stands before nothing. */
  #closeMember(): void {
    this.#body.drop(1);
    this.#body.put(']');
  }

  /** Left out where all are 0: in nearly all blocks. */
  #putRare(name: string, numberOf: (at: number) => number): void {
    for (let at = 0; at < this.#count; at++) {
      if (numberOf(at) === 0) continue;
      this.#putList(name, numberOf);
      return;
    }
  }

  #putList(name: string, spell: (at: number) => string | number): void {
    const texts = Array.from({ length: this.#count }, (_, at) => spell(at));
    this.#body.put(`,"${name}":[${texts.join(',')}]`);
  }
}

const charsPerNumber = 8;

/** About. */
function charsOf(row: RowText | undefined): number {
  return row instanceof NumberRow ? charsPerNumber * row.width : (row?.json.length ?? 0);
}

/** Many jobs are shorter than this many microseconds; their times are spelt once. */
const speltMicros = 1_000;
const millisecondsTexts = Array.from({ length: speltMicros }, (_, micros) => `${micros / 1_000},`);

/** In milliseconds, with its comma. */
function millisecondsText(micros: number): string {
  return (micros < speltMicros ? millisecondsTexts[micros] : undefined) ?? `${micros / 1_000},`;
}
