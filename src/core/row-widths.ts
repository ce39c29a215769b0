/** How many cells rows have, from the fewest to the most. */
export type Widths = readonly [fewest: number, most: number];

/**
 * Of all rows that pass by. Where the experiment names no columns nobody can say which of two rows is wrong, and which comes
 * first is chance: so they are told, not refused. Empty ones (of jobs that return nothing) do not count: they are filled up.
 */
export class RowWidths {
  #fewest = Number.POSITIVE_INFINITY;
  #most = 0;
  readonly #named: number | undefined;

  /** `named`: how many result columns `header.csv` names, where it does. */
  constructor(named?: number) {
    this.#named = named;
  }

  add(width: number): void {
    if (width > 0) this.addHeader(width);
  }

  /** The first row made it, which may have been empty. */
  addHeader(width: number): void {
    if (width < this.#fewest) this.#fewest = width;
    if (width > this.#most) this.#most = width;
  }

  /** `undefined`: no row that counts. */
  get span(): Widths | undefined {
    return this.#most === 0 ? undefined : [this.#fewest, this.#most];
  }

  /** `rows have 2 to 3 values`; `undefined` where all have as many, and as many as there are names. */
  get problem(): string | undefined {
    const [fewest, most, named] = [this.#fewest, this.#most, this.#named ?? this.#most];
    if (most === 0 || (fewest === most && most === named)) return undefined;
    const what = `rows have ${fewest === most ? most : `${fewest} to ${most}`} values`;
    return most === named ? what : `${what}, header.csv names ${named} (mend or empty it)`;
  }
}

/** What to do about it. */
export const unevenHint =
  'some stand under a name that is not theirs, or under none: let all have as many (null where there is nothing), or name columns in the experiment, then a row that does not fit fails its job';
