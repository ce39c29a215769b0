/** Beyond this an index no longer fits the 4 bytes that the order spends on a job. */
export const poolLengthMax: number = 2 ** 32 - 1;

/** Jobs whose texts lie in one string: a slice of it shares its characters. */
const groupJobs = 4_096;

/** The texts of many jobs, one after another: a job costs its text and 4 bytes, a tenth of what its arguments take as a list. */
export class JobTexts {
  readonly #groups: string[] = [];
  /** Where the text of each job ends in its group's. */
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
    this.#openChars += text.length;
    this.#ends[this.#length++] = this.#openChars;
    if (this.#open.length === groupJobs) this.#close();
  }

  /** The text of the job at `index`, 0 ≤ index < length. */
  at(index: number): string {
    const inGroup = index % groupJobs;
    const group = this.#groups[(index - inGroup) / groupJobs];
    if (group === undefined) return this.#open[inGroup] ?? '';
    return group.slice(inGroup === 0 ? 0 : this.#ends[index - 1], this.#ends[index]);
  }

  #close(): void {
    this.#groups.push(this.#open.join(''));
    this.#open = [];
    this.#openChars = 0;
  }

  #grow(): void {
    const ends = new Uint32Array(2 * this.#ends.length);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
