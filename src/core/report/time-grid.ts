import { assert } from '../assert.ts';

/**
 * A time axis that is not known in advance, in bins of equal width. The width is a power of two of milliseconds and
 * doubles whenever more than `binsMax` bins would be needed, so the result depends on what was added and not on its
 * order. Bins are numbered from 1970 on; times are milliseconds since then, finite and below 2^53.
 */
export class TimeGrid {
  readonly #binsMax: number;
  readonly #series: TimeSeries[] = [];
  #level = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;

  /** At least 2: no bin reaches over the beginning of 1970. */
  constructor(binsMax: number) {
    assert(binsMax >= 2, 'a time axis of one bin');
    this.#binsMax = binsMax;
  }

  get widthMs(): number {
    return 2 ** this.#level;
  }

  /** The least and the greatest time seen; `undefined` before the first. */
  get extent(): Extent | undefined {
    return this.#fromMs <= this.#toMs ? { fromMs: this.#fromMs, toMs: this.#toMs } : undefined;
  }

  createSeries(): TimeSeries {
    const series = new TimeSeries(this);
    this.#series.push(series);
    return series;
  }

  /** Makes the axis reach over an extent. */
  include(fromMs: number, toMs: number): void {
    if (fromMs >= this.#fromMs && toMs <= this.#toMs) return;
    this.#fromMs = Math.min(this.#fromMs, fromMs);
    this.#toMs = Math.max(this.#toMs, toMs);
    while (this.binOf(this.#toMs) - this.binOf(this.#fromMs) >= this.#binsMax) this.#widen();
  }

  binOf(ms: number): number {
    return Math.floor(ms / this.widthMs);
  }

  /** The bin that a span up to then ends in. */
  lastBinOf(ms: number): number {
    return Math.ceil(ms / this.widthMs) - 1;
  }

  #widen(): void {
    this.#level++;
    for (const series of this.#series) series.halve();
  }
}

export interface Extent {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One quantity over the time of a grid. Takes memory only for bins with something in them. */
export class TimeSeries {
  readonly #grid: TimeGrid;
  #bins = new Map<number, number>();

  constructor(grid: TimeGrid) {
    this.#grid = grid;
  }

  /** Bins with something in them, in no order. */
  get bins(): ReadonlyMap<number, number> {
    return this.#bins;
  }

  /** What ends at the border of two bins belongs to the former, as its span does. */
  addAt(ms: number, amount: number): void {
    this.#grid.include(ms, ms);
    this.#add(this.#grid.lastBinOf(ms), amount);
  }

  /** Adds to each bin the milliseconds that a span has in it. */
  addSpan(fromMs: number, toMs: number): void {
    this.#grid.include(fromMs, toMs);
    const { widthMs } = this.#grid;
    const last = this.#grid.binOf(toMs);
    let from = fromMs;
    for (let bin = this.#grid.binOf(fromMs); bin < last; bin++) {
      const end = (bin + 1) * widthMs;
      this.#add(bin, end - from);
      from = end;
    }
    if (toMs > from) this.#add(last, toMs - from);
  }

  /** The grid's width has doubled. */
  halve(): void {
    const before = this.#bins;
    this.#bins = new Map();
    for (const [bin, amount] of before) this.#add(Math.floor(bin / 2), amount);
  }

  #add(bin: number, amount: number): void {
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + amount);
  }
}
