/*
 * Which jobs a worker has begun, in one word that its main thread and its watcher share. Low bits: how many jobs it has begun
 * ever; high bits: how often it was recalled. A job is begun by a compare-and-swap, a recall is an addition: either the job was
 * begun before the recall, which then counts it, or it is not begun at all.
 */

const countBits = 20;
const countMask = 2 ** countBits - 1;
/** Added by a recall. */
export const recallStep: number = 2 ** countBits;
export const countModulo: number = 2 ** countBits;
/** Epochs come round after so many recalls. */
export const epochModulo: number = 2 ** (32 - countBits);

export class Claims {
  readonly #word: Int32Array;

  constructor(word: Int32Array) {
    this.#word = word;
  }

  /** Begins a job that was sent in this epoch; says no where it was recalled since. */
  begin(epoch: number): boolean {
    for (;;) {
      const seen = Atomics.load(this.#word, 0);
      if (seen >>> countBits !== epoch) return false;
      const next = (seen & ~countMask) | ((seen + 1) & countMask);
      if (Atomics.compareExchange(this.#word, 0, seen, next) === seen) return true;
    }
  }
}
