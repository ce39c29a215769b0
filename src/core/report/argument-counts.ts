import { encodeJson } from '../json.ts';

/** More positions than these are not looked at, */
const positionsMax = 16;
/** nor more different values of one; with more, the position counts as a continuous one. */
const valuesMax = 256;
/** Longer texts tell nothing at a glance. */
const valueCharsMax = 80;

/** How often which argument had which value. Bounded in memory, whatever the arguments are. */
export class ArgumentCounts {
  readonly #positions: PositionCounts[] = [];
  jobs = 0;

  get positions(): readonly PositionCounts[] {
    return this.#positions;
  }

  add(args: readonly unknown[]): void {
    this.jobs++;
    const length = Math.min(args.length, positionsMax);
    for (let at = 0; at < length; at++) {
      this.#positions[at] ??= new PositionCounts();
      this.#positions[at]?.add(args[at]);
    }
  }
}

/** A number as it is; anything else by its JSON, so that `1` and `"1"` stay apart. */
type ValueKey = number | string;

export class PositionCounts {
  readonly #counts = new Map<ValueKey, number>();
  /** There were more values than are kept. */
  isContinuous = false;
  minimum: number = Number.POSITIVE_INFINITY;
  maximum: number = Number.NEGATIVE_INFINITY;
  #numbers = 0;
  #values = 0;

  get counts(): ReadonlyMap<ValueKey, number> {
    return this.#counts;
  }

  get hasOnlyNumbers(): boolean {
    return this.#numbers === this.#values;
  }

  add(value: unknown): void {
    this.#values++;
    if (typeof value === 'number' && Number.isFinite(value)) {
      this.#numbers++;
      if (value < this.minimum) this.minimum = value;
      if (value > this.maximum) this.maximum = value;
    }
    const key = typeof value === 'number' ? value : shorten(encodeJson(value));
    const count = this.#counts.get(key);
    if (count === undefined && this.#counts.size >= valuesMax) this.isContinuous = true;
    else this.#counts.set(key, (count ?? 0) + 1);
  }
}

export function shorten(text: string, charsMax: number = valueCharsMax): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1).toWellFormed()}…`;
}
