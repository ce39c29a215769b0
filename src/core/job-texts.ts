import type { ByteText } from './byte-text.ts';

/** Beyond this an index no longer fits the 4 bytes that the order spends on a job. */
export const poolLengthMax: number = 2 ** 32 - 1;

/** Jobs whose texts lie in one string: a slice of it shares its characters. */
const groupJobs = 4_096;
/** Lines that are put at once: a group of long ones would take as much memory once more, several times. */
const charsAtOnce = 65_536;

/**
 * The texts of many jobs, one after another, each ended by a line feed, which none of them holds: a job costs its text and 5 bytes, a
 * tenth of what its arguments take as a list.
 */
export class JobTexts {
  readonly #groups: string[] = [];
  /** Where the line of each job ends in its group's. */
  #ends = new Uint32Array(groupJobs);
  #open: string[] = [];
  #openChars = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Throws a RangeError where there is no end to it. */
  add(text: string): void {
    if (this.#length >= poolLengthMax) throw new RangeError(`jobs does not end; at most ${poolLengthMax} jobs`);
    if (this.#length === this.#ends.length) this.#grow();
    this.#open.push(text);
    this.#openChars += text.length + 1;
    this.#ends[this.#length++] = this.#openChars;
    if (this.#open.length === groupJobs) this.#close();
  }

  /** All are there; now they can be read. */
  seal(): this {
    if (this.#open.length > 0) this.#close();
    return this;
  }

  /** The text of the job at `index`, 0 ≤ index < length. */
  at(index: number): string {
    return this.#groupOf(index).slice(this.#startOf(index), (this.#ends[index] ?? 0) - 1);
  }

  /** Puts the line of `index` and some of those behind it. Returns the index of the first one that is not among them. */
  putLines(text: ByteText, index: number): number {
    const start = this.#startOf(index);
    const last = Math.min(index - (index % groupJobs) + groupJobs, this.#length);
    let next = index + 1;
    while (next < last && (this.#ends[next] ?? 0) - start <= charsAtOnce) next++;
    text.put(this.#groupOf(index).slice(start, this.#ends[next - 1]));
    return next;
  }

  #groupOf(index: number): string {
    return this.#groups[Math.floor(index / groupJobs)] ?? '';
  }

  /** Where the line of `index` starts in its group's. */
  #startOf(index: number): number {
    return index % groupJobs === 0 ? 0 : (this.#ends[index - 1] ?? 0);
  }

  #close(): void {
    // One flat string at once: what grows by `+` is flattened again each time it is read.
    this.#groups.push([...this.#open, ''].join('\n'));
    this.#open = [];
    this.#openChars = 0;
  }

  #grow(): void {
    const ends = new Uint32Array(2 * this.#ends.length);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
