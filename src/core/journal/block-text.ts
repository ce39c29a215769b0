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

// A job may replace what `JSON` holds.
const { stringify } = JSON;

/** What a job takes in both files beside its arguments and rows, about. */
const bytesPerJob = 120;

/**
 * Gathers successes of one worker until they go out as one line of the journal (its format stands in `block.ts`) and
 * lines of `results.csv`. Both are spelt at once, member by member: a tight loop takes half the time of many small steps.
 */
export class BlockText {
  readonly #worker: number;
  readonly #csvLines: CsvLines;
  readonly #successes: SpeltSuccess[] = [];
  readonly #body = new ByteText();
  readonly #csv = new ByteText();
  #width = 0;
  #bytes = 0;

  constructor(worker: number, csvLines: CsvLines) {
    this.#worker = worker;
    this.#csvLines = csvLines;
  }

  get jobs(): number {
    return this.#successes.length;
  }

  /** About as many bytes as it will take in both files. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a success fits in: all of a block are of the same attempt. */
  takes(attempt: number): boolean {
    return this.#successes.length === 0 || this.#successes[0]?.attempt === attempt;
  }

  /** Rows shorter than `width` are filled up in `results.csv`. */
  add(success: SpeltSuccess, width: number): void {
    this.#successes.push(success);
    this.#width = width;
    this.#bytes += bytesPerJob + success.argsJson.length;
    for (let at = 0; at < success.rows.length; at++) this.#bytes += 2 * (success.rows[at]?.json.length ?? 0);
  }

  /** Hands out the text and empties itself; the bytes are good until the next `take`. `crcOf`: CRC-32. */
  take(crcOf: (bytes: Uint8Array) => number): BlockFacts & { readonly body: Uint8Array; readonly csv: Uint8Array } {
    const successes = this.#successes;
    this.#csv.clear();
    for (let at = 0; at < successes.length; at++) {
      const success = successes[at] as SpeltSuccess;
      this.#csvLines.put(this.#csv, success, success.rows, this.#width);
    }
    const csv = this.#csv.bytes;
    const hasFiles = successes.some(({ files }) => files !== undefined);
    const body = this.#spellBody(csv.length, crcOf(csv).toString(16).padStart(8, '0'), hasFiles);
    const facts = { ...sumUp(successes), hasFiles, bodyBytes: body.length, csvBytes: csv.length };
    successes.length = 0;
    this.#bytes = 0;
    return { ...facts, body, csv };
  }

  #spellBody(csvBytes: number, csvCrc: string, hasFiles: boolean): Uint8Array {
    const [body, successes] = [this.#body, this.#successes];
    const { attempt = 1, startedAtMs: startMs = 0 } = successes[0] ?? {};
    body.clear();
    body.put(`{"type":"block","worker":${this.#worker},"attempt":${attempt},"start":${startMs}`);
    body.put(`,"csv":[${csvBytes},"${csvCrc}"]`);
    this.#putJobs();
    if (successes.some(({ occurrence }) => occurrence !== 0)) this.#putRare('same', ({ occurrence }) => occurrence);
    this.#putArgs();
    this.#putBegins(startMs);
    this.#putRuns();
    if (successes.some((success) => lateMsOf(success) !== 0)) this.#putRare('late', lateMsOf);
    this.#putRows();
    if (hasFiles) this.#putRare('files', ({ files }) => stringify(files ?? null));
    body.put('}');
    return body.bytes;
  }

  #putJobs(): void {
    const [body, successes] = [this.#body, this.#successes];
    body.put(',"jobs":');
    for (let at = 0; at < successes.length; at++) {
      body.put(at === 0 ? '[' : ',');
      body.putInteger(successes[at]?.job ?? 0);
    }
    body.put(']');
  }

  #putArgs(): void {
    const [body, successes] = [this.#body, this.#successes];
    body.put(',"args":');
    for (let at = 0; at < successes.length; at++) {
      body.put(at === 0 ? '[' : ',');
      body.put(successes[at]?.argsJson ?? '');
    }
    body.put(']');
  }

  #putBegins(startMs: number): void {
    const [body, successes] = [this.#body, this.#successes];
    body.put(',"begin":');
    for (let at = 0; at < successes.length; at++) {
      body.put(at === 0 ? '[' : ',');
      body.putInteger((successes[at]?.startedAtMs ?? 0) - startMs);
    }
    body.put(']');
  }

  #putRuns(): void {
    const [body, successes] = [this.#body, this.#successes];
    body.put(',"run":');
    for (let at = 0; at < successes.length; at++) {
      body.put(at === 0 ? '[' : ',');
      body.put(millisecondsText(successes[at]?.runMicros ?? 0));
    }
    body.put(']');
  }

  #putRows(): void {
    const [body, successes] = [this.#body, this.#successes];
    body.put(',"rows":[');
    for (let at = 0; at < successes.length; at++) {
      const rows = successes[at]?.rows ?? [];
      body.put(at === 0 ? '[' : ',[');
      for (let row = 0; row < rows.length; row++) {
        body.put(row === 0 ? '[' : ',[');
        body.put(rows[row]?.json ?? '');
        body.put(']');
      }
      body.put(']');
    }
    body.put(']');
  }

  /** A member that most blocks do not have. */
  #putRare(name: string, spell: (success: SpeltSuccess) => string | number): void {
    this.#body.put(`,"${name}":[${this.#successes.map(spell).join(',')}]`);
  }
}

/** How much later than begin and run together say a job ended: the machine was suspended, or its clock was set. */
function lateMsOf({ startedAtMs, endedAtMs, runMicros }: SpeltSuccess): number {
  return endedAtMs - startedAtMs - Math.round(runMicros / 1_000);
}

function sumUp(successes: readonly SpeltSuccess[]): Pick<BlockFacts, 'jobs' | 'sumMs' | 'maxMs'> {
  let [sum, max] = [0, 0];
  for (let at = 0; at < successes.length; at++) {
    const micros = successes[at]?.runMicros ?? 0;
    sum += micros;
    if (micros > max) max = micros;
  }
  return { jobs: successes.length, sumMs: sum / 1_000, maxMs: max / 1_000 };
}

/** Many jobs are shorter than this many microseconds; their times are spelt once. */
const speltMicros = 1_000;
const millisecondsTexts: string[] = [];

function millisecondsText(micros: number): string {
  if (micros >= speltMicros) return String(micros / 1_000);
  millisecondsTexts[micros] ??= String(micros / 1_000);
  return millisecondsTexts[micros] ?? '';
}
