/** Some of the places of a chunk: a byte for each, and how many they are. */
export class PlaceSet {
  readonly #inside: Uint8Array;
  #count = 0;

  constructor(size: number) {
    this.#inside = new Uint8Array(size);
  }

  get count(): number {
    return this.#count;
  }

  has(at: number): boolean {
    return this.#inside[at] === 1;
  }

  add(at: number): void {
    if (this.#inside[at] !== 0) return;
    this.#inside[at] = 1;
    this.#count++;
  }

  delete(at: number): void {
    if (this.#inside[at] !== 1) return;
    this.#inside[at] = 0;
    this.#count--;
  }

  /** Ascending. */
  *[Symbol.iterator](): Generator<number> {
    for (let at = 0, left = this.#count; left > 0; at++) {
      if (this.#inside[at] !== 1) continue;
      left--;
      yield at;
    }
  }
}
