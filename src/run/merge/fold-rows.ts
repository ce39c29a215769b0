import { rowsOf } from '../../core/merge/row-texts.ts';
import type { AnyExperiment } from '../../experiment.ts';
import { describeReduceFailure, whyNotReduced } from '../reduce.ts';

/** `reduce` over rows that come in the order of the pool: nothing but the accumulator is kept. */
export class FoldedRows {
  readonly #reduce: AnyExperiment['reduce'];
  #accumulator: unknown;
  #hasFolded = false;
  #thrown: string | undefined;

  constructor({ reduce, reduceStart }: Pick<AnyExperiment, 'reduce' | 'reduceStart'>) {
    this.#reduce = reduce;
    this.#accumulator = reduce === undefined ? undefined : structuredClone(reduceStart);
  }

  add(job: number, rowsJson: string): void {
    if (this.#reduce === undefined || this.#thrown !== undefined) return;
    try {
      for (const row of rowsOf(rowsJson)) {
        this.#accumulator = this.#reduce(this.#accumulator, row);
        this.#hasFolded = true;
      }
    } catch (thrown) {
      this.#thrown = describeReduceFailure(job, thrown);
    }
  }

  /** What `reduce` threw, or what is wrong with what it came to; then there is no reduced value. */
  get problem(): string | undefined {
    return this.#thrown ?? (this.#hasFolded ? whyNotReduced(this.#accumulator) : undefined);
  }

  /** `undefined` where nothing is reduced. */
  get value(): unknown {
    return this.problem === undefined ? this.#accumulator : undefined;
  }
}
