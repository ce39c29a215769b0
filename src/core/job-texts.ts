import type { ByteText } from './byte-text.ts';

/** Beyond this an index no longer fits the 4 bytes that the order spends on a job. */
export const poolLengthMax: number = 2 ** 32 - 1;

/** Jobs whose texts lie in one string: a slice of it shares its characters. */
const groupJobs = 4_096;

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

  /** The text of the job at `index`, 0 ≤ index < length. */
  at(index: number): string {
    const group = this.#groups[Math.floor(index / groupJobs)];
    if (group === undefined) return this.#open[index % groupJobs] ?? '';
    return group.slice(this.#startOf(index), (this.#ends[index] ?? 0) - 1);
  }

  /** Puts the lines from that of `index` on to the end of its group. Returns the index of the first one that is not among them. */
  putLines(text: ByteText, index: number): number {
    const at = Math.floor(index / groupJobs);
    const group = this.#groups[at] ?? joinLines(this.#open);
    text.put(group.slice(this.#startOf(index)));
    return Math.min((at + 1) * groupJobs, this.#length);
  }

  /** Where the line of `index` starts in its group's. */
  #startOf(index: number): number {
    return index % groupJobs === 0 ? 0 : (this.#ends[index - 1] ?? 0);
  }

  #close(): void {
    this.#groups.push(joinLines(this.#open));
    this.#open = [];
    this.#openChars = 0;
  }

  #grow(): void {
    const ends = new Uint32Array(2 * this.#ends.length);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}

/** One flat string at once: what grows by `+` is flattened again each time it is read. */
function joinLines(texts: readonly string[]): string {
  return [...texts, ''].join('\n');
}
