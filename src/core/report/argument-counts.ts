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
    this.addKeys(keysOf(args));
  }

  addKeys(keys: readonly ValueKey[]): void {
    this.jobs++;
    for (let at = 0; at < keys.length; at++) {
      this.#positions[at] ??= new PositionCounts();
      this.#positions[at]?.add(keys[at] ?? '');
    }
  }

  /** The values that all jobs have in common, by position from 0; not known of continuous ones. */
  shared(): ReadonlyMap<number, ValueKey> {
    const shared = new Map<number, ValueKey>();
    this.#positions.forEach(({ counts }, at) => {
      const [[value, count] = ['', 0]] = counts;
      if (count === this.jobs && count > 0) shared.set(at, value);
    });
    return shared;
  }
}

/** A number as it is; anything else by its JSON, so that `1` and `"1"` stay apart. */
export type ValueKey = number | string;

export function keysOf(args: readonly unknown[]): readonly ValueKey[] {
  const keys: ValueKey[] = [];
  for (let at = 0; at < args.length && at < positionsMax; at++) {
    const value = args[at];
    // −0 is kept as 0, as maps do.
    keys.push(value === 0 ? 0 : typeof value === 'number' ? value : shorten(encodeJson(value)));
  }
  return keys;
}

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

  add(key: ValueKey): void {
    this.#values++;
    if (typeof key === 'number' && Number.isFinite(key)) {
      this.#numbers++;
      if (key < this.minimum) this.minimum = key;
      if (key > this.maximum) this.maximum = key;
    }
    const count = this.#counts.get(key);
    if (count === undefined && this.#counts.size >= valuesMax) this.isContinuous = true;
    else this.#counts.set(key, (count ?? 0) + 1);
  }
}

export function shorten(text: string, charsMax: number = valueCharsMax): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1).toWellFormed()}…`;
}
