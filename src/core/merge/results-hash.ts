import { ByteText } from '../byte-text.ts';
import { type CreateSha256, TextHash } from '../hash.ts';
import type { Hex, JobIndex } from '../ids.ts';

/** So many jobs share one hash; what differs within them is found by their marks. */
export const rangeJobs = 1_024;
/** For larger pools there are no marks: a proof must be readable as one text. */
export const markedJobsMax = 100_000_000;

/**
 * What a proof keeps of some jobs that follow upon each other. `rows`: runs of jobs with equally many rows, `[jobs, rows]`;
 * −1 rows: of no success. `marks`: four characters of base64 a job, the upper 24 bits of the CRC-32 of its text; `....` of no
 * success.
 */
export interface RangeProof {
  readonly sha256: string;
  readonly rows: readonly (readonly [jobs: number, rows: number])[];
  readonly marks?: string;
}

export interface HashTools {
  readonly crcOf: (bytes: Uint8Array) => number;
  /** In lower-case hex. */
  readonly sha256Of: (bytes: Uint8Array) => string;
  readonly createSha256?: CreateSha256;
}

/**
 * The hash over all results: of each succeeded job, in pool order, the line `#` and its index, then its rows as they stand in
 * `results.csv`, without the meta columns. SHA-256 over 1,024 jobs each; over these hashes, in hex and a line each, behind
 * a tag and the digest of the pool (which binds indices to identities), goes the hash of the whole.
 */
export class ResultsHash {
  readonly #tools: HashTools;
  readonly #total: number;
  readonly #onRange: (range: RangeProof) => void;
  readonly #whole: TextHash;
  readonly #text = new ByteText();
  #marks = '';
  #rows: [number, number][] = [];
  #next = 0;

  constructor(
    pool: { readonly digest: string; readonly jobs: number },
    tools: HashTools,
    onRange: (range: RangeProof) => void,
  ) {
    this.#tools = tools;
    this.#total = pool.jobs;
    this.#onRange = onRange;
    this.#whole = new TextHash('job-splitter/results/v1', tools.createSha256).add(pool.digest);
  }

  /** The job whose turn it is: all come, in the order of the pool. Returns its mark, empty where there are none. */
  add(job: JobIndex, rows: readonly string[] | undefined): string {
    if (job !== this.#next) throw new Error(`Internal error: job ${job} comes where ${this.#next} should`);
    this.#next++;
    const mark = rows === undefined ? noMark : this.#put(job, rows);
    this.#count(rows?.length ?? -1);
    if (this.#total <= markedJobsMax) this.#marks += mark;
    if (this.#next % rangeJobs === 0) this.#endRange();
    return this.#total <= markedJobsMax ? mark : '';
  }

  /** After the last job. */
  finish(): Hex {
    if (this.#next !== this.#total) throw new Error(`Internal error: ${this.#next} of ${this.#total} jobs are hashed`);
    if (this.#next % rangeJobs !== 0) this.#endRange();
    return this.#whole.digest();
  }

  #put(job: JobIndex, rows: readonly string[]): string {
    const from = this.#text.length;
    this.#text.put('#');
    this.#text.putInteger(job);
    this.#text.put('\n');
    for (let row = 0; row < rows.length; row++) {
      this.#text.put(rows[row] ?? '');
      this.#text.put('\n');
    }
    return this.#total <= markedJobsMax ? spellMark(this.#tools.crcOf(this.#text.bytes.subarray(from))) : '';
  }

  #count(rows: number): void {
    const last = this.#rows.at(-1);
    if (last?.[1] === rows) last[0]++;
    else this.#rows.push([1, rows]);
  }

  #endRange(): void {
    const sha256 = this.#tools.sha256Of(this.#text.bytes);
    this.#whole.add(sha256);
    this.#onRange({ sha256, rows: this.#rows, ...(this.#marks !== '' && { marks: this.#marks }) });
    this.#text.clear();
    this.#marks = '';
    this.#rows = [];
  }
}

export const noMark = '....';
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function spellMark(crc: number): string {
  const [a, b, c, d] = [crc >>> 26, (crc >>> 20) & 63, (crc >>> 14) & 63, (crc >>> 8) & 63];
  return `${digits[a]}${digits[b]}${digits[c]}${digits[d]}`;
}
