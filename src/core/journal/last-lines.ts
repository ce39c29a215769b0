import { type JobIndex, jobIndex } from '../ids.ts';
import { poolLengthMax } from '../job-texts.ts';

const pageBits = 14;
const pageJobs = 1 << pageBits;

/**
 * For each job the line of the journal that has the last word on it. Lines count from 1. Takes 4 bytes a job, in pages:
 * an index far out costs one page, and growing copies nothing.
 */
export class LastLines {
  readonly #pages: (Uint32Array | undefined)[] = [];
  #size = 0;

  /** How many jobs have a line. */
  get size(): number {
    return this.#size;
  }

  has(job: JobIndex): boolean {
    return this.get(job) !== 0;
  }

  /** 0: none. */
  get(job: JobIndex): number {
    return this.#pages[job >>> pageBits]?.[job & (pageJobs - 1)] ?? 0;
  }

  set(job: JobIndex, line: number): void {
    this.#pages[job >>> pageBits] ??= new Uint32Array(pageJobs);
    const page = this.#pages[job >>> pageBits];
    if (page === undefined) return;
    const place = job & (pageJobs - 1);
    if (page[place] === 0) this.#size++;
    page[place] = line;
  }

  delete(job: JobIndex): void {
    const page = this.#pages[job >>> pageBits];
    const place = job & (pageJobs - 1);
    if (page === undefined || page[place] === 0) return;
    page[place] = 0;
    this.#size--;
  }

  /** Ascending. */
  forEach(see: (job: JobIndex, line: number) => void): void {
    this.#pages.forEach((page, number) => {
      for (let place = 0; page !== undefined && place < pageJobs; place++) {
        const line = page[place] ?? 0;
        if (line !== 0) see(jobIndex(number * pageJobs + place), line);
      }
    });
  }
}

/** Whether a value read from outside can be a job's index: a bitwise shift would take any number for one. */
export function isJobIndex(value: unknown): value is JobIndex {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < poolLengthMax;
}
