/** Four times a second look smooth, … */
const fastestMs = 250;
/** … and once a second is what clocks need. */
export const slowestMs = 1_000;
/** What drawing may take of one core: they belong to the jobs. The terminal that shows it costs as much again. */
const partOfCore = 0.004;
/** How much the latest draw counts: a single one may have been interrupted. */
const weight = 0.25;

/** How often the board is drawn while things happen: less often where drawing takes long (busy cores, a slow line). */
export class RedrawPace {
  /** Of one draw, smoothed; at first as where it is quick. */
  #costMs = fastestMs * partOfCore;

  took(ms: number): void {
    this.#costMs += weight * (ms - this.#costMs);
  }

  /** From the begin of one draw to the next. */
  get intervalMs(): number {
    return Math.min(slowestMs, Math.max(fastestMs, this.#costMs / partOfCore));
  }
}
