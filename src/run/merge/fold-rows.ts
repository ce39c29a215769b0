import { rowsOf } from '../../core/merge/row-texts.ts';
import type { AnyExperiment } from '../../experiment.ts';
import { describeReduceFailure } from '../reduce.ts';

/** `reduce` over rows that come in the order of the pool: nothing but the accumulator is kept. */
export class FoldedRows {
  readonly #reduce: AnyExperiment['reduce'];
  #accumulator: unknown;
  /** What `reduce` threw; then there is no reduced value. */
  problem: string | undefined;

  constructor({ reduce, reduceStart }: Pick<AnyExperiment, 'reduce' | 'reduceStart'>) {
    this.#reduce = reduce;
    this.#accumulator = reduce === undefined ? undefined : structuredClone(reduceStart);
  }

  add(job: number, rowsJson: string): void {
    if (this.#reduce === undefined || this.problem !== undefined) return;
    try {
      for (const row of rowsOf(rowsJson)) this.#accumulator = this.#reduce(this.#accumulator, row);
    } catch (thrown) {
      this.problem = describeReduceFailure(job, thrown);
    }
  }

  /** `undefined` where nothing is reduced. */
  get value(): unknown {
    return this.problem === undefined ? this.#accumulator : undefined;
  }
}
