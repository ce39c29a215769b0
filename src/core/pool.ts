/** All jobs of an experiment, reached by index. A job is a tuple of arguments. */
export interface Pool<T extends readonly unknown[]> extends Iterable<T> {
  readonly length: number;
  /** The job at `index`, 0 ≤ index < length. */
  at(index: number): T;
}

/** Beyond this an index no longer fits the 4 bytes that the order spends on a job. */
export const poolLengthMax: number = 2 ** 32 - 1;

type Widen<T> = T extends number
  ? number
  : T extends string
    ? string
    : T extends boolean
      ? boolean
      : T extends readonly unknown[] | object
        ? { -readonly [K in keyof T]: Widen<T[K]> }
        : T;

/** The arguments that some dimensions give together: pools are flattened, an array's elements stay whole. */
export type Flat<D> = D extends readonly [infer H, ...infer T]
  ? [...(H extends Pool<infer P> ? P : H extends Iterable<infer X> ? [Widen<X>] : never), ...Flat<T>]
  : [];

/** A pool that computes its jobs from their indices. Made only in this file and by `fromCsv`. */
export class LazyPool<T extends readonly unknown[]> implements Pool<T> {
  readonly length: number;
  /** True where the way it is made proves that no two jobs are equal. */
  readonly distinct: boolean;
  readonly #compute: (index: number) => T;

  constructor(length: number, compute: (index: number) => T, distinct = false) {
    if (length > poolLengthMax) {
      throw new RangeError(`a pool of ${length} jobs is too large; the most is ${poolLengthMax} (2^32 - 1)`);
    }
    this.length = length;
    this.distinct = distinct;
    this.#compute = compute;
  }

  at(index: number): T {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`the pool has jobs 0 to ${this.length - 1}, not ${index}`);
    }
    return this.#compute(index);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = 0; index < this.length; index++) yield this.#compute(index);
  }
}

/** Numbers `from` (0 if left out) up to `to`, which is not included, by `step` (1). Steps may be negative or fractions. */
export function range(to: number): Pool<[number]>;
export function range(from: number, to: number, step?: number): Pool<[number]>;
export function range(first: number, second?: number, step = 1): Pool<[number]> {
  const [from, to] = second === undefined ? [0, first] : [first, second];
  for (const [name, value] of Object.entries({ from, to, step })) {
    if (!Number.isFinite(value)) throw new RangeError(`range: ${name} must be a finite number, got ${String(value)}`);
  }
  if (step === 0) throw new RangeError('range: step must not be 0');
  const length = Math.max(0, Math.ceil((to - from) / step));
  // A step below the spacing of doubles around `from` repeats values.
  const distinct =
    length < 2 || (from + step !== from && Math.abs(step) > 2 ** -50 * Math.max(Math.abs(from), Math.abs(to)));
  return new LazyPool<[number]>(length, (index) => [from + index * step], distinct);
}

/** Every combination of the dimensions' elements; the last dimension turns fastest. */
export function product<const D extends readonly Iterable<unknown>[]>(...dimensions: D): Pool<Flat<D>> {
  const pools = dimensions.map(toPool);
  const length = pools.reduce((product, pool) => product * pool.length, 1);
  const compute = (index: number): Flat<D> => {
    const parts: (readonly unknown[])[] = [];
    let rest = index;
    for (const pool of pools.toReversed()) {
      parts.push(pool.at(rest % pool.length));
      rest = Math.floor(rest / pool.length);
    }
    return parts.reverse().flat(1) as Flat<D>;
  };
  return new LazyPool(
    length,
    compute,
    pools.every((pool) => pool.distinct),
  );
}

/** The dimensions' first elements, their second, …; all must have the same length. */
export function zip<const D extends readonly Iterable<unknown>[]>(...dimensions: D): Pool<Flat<D>> {
  const pools = dimensions.map(toPool);
  const length = pools[0]?.length ?? 0;
  if (pools.some((pool) => pool.length !== length)) {
    throw new RangeError(`zip: all must have the same length, got ${pools.map((pool) => pool.length).join(', ')}`);
  }
  const compute = (index: number): Flat<D> => pools.flatMap((pool) => [...pool.at(index)]) as Flat<D>;
  return new LazyPool(
    length,
    compute,
    pools.some((pool) => pool.distinct),
  );
}

/** The pool of a list of jobs; a bare value is a 1-tuple. */
export function poolOfJobs(jobs: readonly unknown[]): LazyPool<readonly unknown[]> {
  return new LazyPool(jobs.length, (index) => asTuple(jobs[index]));
}

/** `jobs` itself where it is a pool of ours. */
export function asPool(jobs: unknown): LazyPool<readonly unknown[]> | undefined {
  return jobs instanceof LazyPool ? jobs : undefined;
}

function asTuple(job: unknown): readonly unknown[] {
  return Array.isArray(job) ? job : [job];
}

/** A dimension of `product` or `zip`: a pool, or elements that stay whole. */
function toPool(dimension: Iterable<unknown>): LazyPool<readonly unknown[]> {
  if (dimension instanceof LazyPool) return dimension;
  const elements = Array.isArray(dimension) ? [...dimension] : Array.from(dimension);
  const primitive = elements.every((element) => typeof element !== 'object' || element === null);
  const distinct =
    primitive && new Set(elements).size === elements.length && !elements.some((element) => Object.is(element, -0));
  return new LazyPool<readonly unknown[]>(elements.length, (index) => [elements[index]], distinct);
}
