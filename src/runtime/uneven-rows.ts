import { RowWidths, unevenHint, type Widths } from '../core/row-widths.ts';

/** Says once when rows differ in width, where the experiment names no columns, and at the end how much. */
export class UnevenRows {
  readonly #tell: (problem: string) => void;
  readonly #all: RowWidths;

  /** `named`: result columns in `header.csv`, if that is not empty. */
  constructor(tell: (problem: string) => void, named: number | undefined) {
    this.#tell = tell;
    this.#all = new RowWidths(named);
  }

  /** `widths`: of rows; `header`: for how many result cells that is, where there is one. */
  add(widths: Widths, header: number | undefined): void {
    const wasEven = this.#all.problem === undefined;
    if (header !== undefined) this.#all.addHeader(header);
    for (const width of widths) this.#all.add(width);
    if (wasEven && this.#all.problem !== undefined) this.#tell(`${this.#all.problem}; ${unevenHint}`);
  }

  finish(): void {
    if (this.#all.problem !== undefined)
      this.#tell(`${this.#all.problem}, and no columns are named; see the first warning`);
  }
}
