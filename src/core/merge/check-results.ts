import { formatCountOf } from '../format-count.ts';
import { jobIndex } from '../ids.ts';
import type { QuoteCell } from '../row-text.ts';
import type { Proof } from './read-proof.ts';
import { type HashTools, noMark, ResultsHash, rangeJobs } from './results-hash.ts';

/** Where results first differ from what was proved. */
export interface Difference {
  /** `undefined`: behind the last job. */
  readonly job: number | undefined;
  /** In the file, from 1; `undefined`: at its end. */
  readonly line: number | undefined;
  readonly what: string;
}

/** One line of `results.csv`. */
export interface ResultsLine {
  readonly text: string;
  readonly line: number;
  readonly hasQuotes: boolean;
}

interface Cells {
  readonly id: string | undefined;
  readonly results: string;
}

/**
 * Holds the lines of a `results.csv` against a proof, one after the other, until the first that differs. Only cells count: a
 * program that quotes them in another way has changed nothing.
 */
export class ResultsCheck {
  readonly #proof: Proof;
  readonly #quoteCell: QuoteCell;
  readonly #hash: ResultsHash;
  readonly #expected: Generator<number, undefined>;
  /** The job whose rows come, and how many; `undefined`: behind the last one. */
  #job = -1;
  #rows: number | undefined;
  #found: string[] = [];
  #ranges = 0;
  #badRange: number | undefined;
  lines = 0;

  constructor(proof: Proof, tools: HashTools, quoteCell: QuoteCell) {
    this.#proof = proof;
    this.#quoteCell = quoteCell;
    const { jobs, poolDigest } = proof.head;
    this.#hash = new ResultsHash({ digest: poolDigest, jobs: jobs.total }, tools, ({ sha256 }) => {
      if (proof.ranges[this.#ranges]?.sha256 !== sha256) this.#badRange ??= this.#ranges;
      this.#ranges++;
    });
    this.#expected = rowCounts(proof);
    this.#next();
  }

  /** A line behind the header. */
  see(record: ResultsLine): Difference | undefined {
    const before = this.#passEmpty();
    if (before !== undefined) return before;
    const cells = this.#cut(record);
    if (this.#rows === undefined) return this.#surplus(cells, record.line);
    if (typeof cells === 'string') return this.#differ(record.line, cells);
    const place = this.#whyElsewhere(cells.id, record.line);
    if (place !== undefined) return place;
    this.lines++;
    this.#found.push(cells.results);
    return this.#found.length < this.#rows ? undefined : this.#endJob(record.line);
  }

  /** After the last line. */
  finish(): Difference | undefined {
    const before = this.#passEmpty();
    if (before !== undefined) return before;
    if (this.#rows !== undefined) return this.#differ(undefined, 'its rows are missing at the end of the file');
    const whole = this.#hash.finish();
    if (this.#badRange !== undefined) return this.#differInRange(this.#badRange);
    return whole === this.#proof.head.results
      ? undefined
      : { job: undefined, line: undefined, what: 'the whole has another hash' };
  }

  #surplus(cells: Cells | string, line: number): Difference {
    const id = typeof cells === 'string' ? undefined : cells.id;
    const job = id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
    return { job, line, what: job === undefined ? 'there are more lines than were proved' : surplusRow };
  }

  /** Jobs without rows: failed ones, missing ones, and those that gave none. */
  #passEmpty(): Difference | undefined {
    while (this.#rows !== undefined && this.#rows <= 0) {
      const difference = this.#endJob(undefined);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #endJob(line: number | undefined): Difference | undefined {
    const job = this.#job;
    const mark = this.#hash.add(jobIndex(job), this.#rows === -1 ? undefined : this.#found);
    const proved = this.#proof.ranges[Math.floor(job / rangeJobs)]?.marks;
    const at = noMark.length * (job % rangeJobs);
    this.#next();
    if (proved !== undefined && mark !== proved.slice(at, at + noMark.length)) {
      return { job, line, what: 'it has other results than were proved' };
    }
    return this.#badRange === undefined ? undefined : this.#differInRange(this.#badRange);
  }

  #next(): void {
    this.#job++;
    this.#found = [];
    this.#rows = this.#expected.next().value;
  }

  /** Once in 16 million differences a mark agrees by chance. */
  #differInRange(range: number): Difference {
    const [from, to] = [range * rangeJobs, Math.min((range + 1) * rangeJobs, this.#proof.head.jobs.total) - 1];
    return { job: from, line: undefined, what: `one of the jobs ${from} to ${to} has other results than were proved` };
  }

  #whyElsewhere(id: string | undefined, line: number): Difference | undefined {
    if (id === undefined || id === String(this.#job)) return undefined;
    if (!/^\d+$/.test(id))
      return this.#differ(line, `where its index should stand there is ${JSON.stringify(id.slice(0, 40))}`);
    const other = Number(id);
    if (other > this.#job) return this.#differ(line, `a row of it is missing; here stands one of job ${id}`);
    return { job: other, line, what: surplusRow };
  }

  #differ(line: number | undefined, what: string): Difference {
    return { job: this.#job, line, what };
  }

  #cut({ text, hasQuotes }: ResultsLine): Cells | string {
    const { metaCells, jobIdCell } = this.#proof.head.layout;
    const cells = hasQuotes ? splitQuoted(text) : splitPlain(text, metaCells);
    if (cells === undefined) return 'its line has a quote that is not closed, or stands inside a cell without quotes';
    if (cells.length < metaCells) return `its line has ${formatCountOf(cells.length, 'cell')}, too few`;
    const results = cells.slice(metaCells);
    return {
      id: jobIdCell === null ? undefined : cells[jobIdCell],
      // Without quotes all that follows is one piece already.
      results: hasQuotes ? results.map(this.#quoteCell).join(',') : (results[0] ?? ''),
    };
  }
}

const surplusRow = 'here stands a row of it that was not proved';

function* rowCounts({ ranges }: Proof): Generator<number, undefined> {
  for (const { rows } of ranges) {
    for (const [jobs, each] of rows) for (let job = 0; job < jobs; job++) yield each;
  }
}

/** The first cells, and all that follows as one. */
function splitPlain(text: string, cells: number): readonly string[] {
  const found: string[] = [];
  let from = 0;
  while (found.length < cells) {
    const end = text.indexOf(',', from);
    found.push(text.slice(from, end < 0 ? text.length : end));
    if (end < 0) return found;
    from = end + 1;
  }
  found.push(text.slice(from));
  return found;
}

function splitQuoted(text: string): readonly string[] | undefined {
  const token = /("[^"]*(?:""[^"]*)*"|[^",]*)(,|$)/gy;
  const cells: string[] = [];
  for (;;) {
    const match = token.exec(text);
    if (match === null) return undefined;
    const [, raw = '', end = ''] = match;
    cells.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === '') return cells;
  }
}
