import type { ByteText } from './byte-text.ts';
import { JobTexts, poolLengthMax } from './job-texts.ts';
import { decodeJson, encodeJson } from './json.ts';
import { productLines } from './product-lines.ts';
import { followRecipe, type Jobs, type Recipe } from './recipe.ts';
import { spellArguments } from './spell-arguments.ts';
import { findUnstorable } from './storable.ts';

interface Speller extends Pick<Jobs, 'spell' | 'put'> {
  readonly putLines?: (text: ByteText, index: number) => number;
}

const spellerOf = (spell: Speller['spell']): Speller => ({ spell, put: (text, index) => text.put(spell(index)) });

/** All jobs of an experiment, reached by index. A job is a tuple of arguments. */
export interface Pool<T extends readonly unknown[]> extends Iterable<T> {
  readonly length: number;
  /** The job at `index`, 0 ≤ index < length. */
  at(index: number): T;
}

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

export interface PoolTraits {
  /** True where the way it is made proves that no two jobs are equal. */
  readonly distinct?: boolean;
  /** How it is made, where that can be said in few words. */
  readonly recipe?: () => Recipe | undefined;
  /** The jobs in canonical JSON, where that is quicker found than by spelling what `at` gives. */
  readonly texts?: JobTexts;
}

/** A pool that computes its jobs from their indices. Made only in this file, by `range` and by `fromCsv`. */
export class LazyPool<T extends readonly unknown[]> implements Pool<T> {
  readonly length: number;
  readonly distinct: boolean;
  /** `undefined` where it would be long; else as good as the pool. Only for jobs that are known to be storable. */
  readonly recipe: () => Recipe | undefined;
  readonly #compute: (index: number) => T;
  #speller: Speller | undefined;

  constructor(length: number, compute: (index: number) => T, { distinct = false, recipe, texts }: PoolTraits = {}) {
    if (length > poolLengthMax) {
      throw new RangeError(`a pool of ${length} jobs is too large; the most is ${poolLengthMax} (2^32 - 1)`);
    }
    this.length = length;
    this.distinct = distinct;
    this.recipe = recipe ?? (() => undefined);
    this.#compute = compute;
    this.#speller = texts && {
      ...spellerOf((index) => texts.at(index)),
      putLines: (text, index) => texts.putLines(text, index),
    };
  }

  at(index: number): T {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`the pool has jobs 0 to ${this.length - 1}, not ${index}`);
    }
    return this.#compute(index);
  }

  /**
   * The job's arguments in canonical JSON. A recipe spells jobs three times as fast as they are made and then spelt. Throws
   * a RangeError that names the place of an argument that cannot be stored.
   */
  spell(index: number): string {
    this.#speller ??= this.#findSpeller();
    return this.#speller.spell(index);
  }

  /** The same straight to bytes, which is quicker. */
  put(text: ByteText, index: number): void {
    this.#speller ??= this.#findSpeller();
    this.#speller.put(text, index);
  }

  /**
   * Puts the same with a line feed behind it, and of the next jobs as many as are at hand together. Returns the index of the first
   * one that is not among them. (The texts hold no line feeds.)
   */
  putLines(text: ByteText, index: number): number {
    this.#speller ??= this.#findSpeller();
    if (this.#speller.putLines !== undefined) return this.#speller.putLines(text, index);
    this.#speller.put(text, index);
    text.putLineFeed();
    return index + 1;
  }

  #findSpeller(): Speller {
    const recipe = this.recipe();
    if (recipe === undefined) return spellerOf((index) => spellArguments(this.at(index), index));
    const jobs = followRecipe(recipe);
    const putLines = productLines(recipe, jobs);
    return putLines === undefined ? jobs : { ...jobs, putLines };
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = 0; index < this.length; index++) yield this.#compute(index);
  }
}

/** Every combination of the dimensions' elements; the last dimension turns fastest. */
export function product<const D extends readonly Iterable<unknown>[]>(...dimensions: D): Pool<Flat<D>> {
  const pools = dimensions.map((dimension, at) => toPool(dimension, `product: dimension ${at + 1}`));
  const length = pools.reduce((product, pool) => product * pool.length, 1);
  let stride = length;
  const strides = pools.map((pool) => {
    stride = pool.length === 0 ? 0 : stride / pool.length;
    return stride;
  });
  const compute = (index: number): Flat<D> => {
    const job: unknown[] = [];
    let rest = index;
    for (let at = 0; at < pools.length; at++) {
      const stride = strides[at] ?? 1;
      append(job, pools[at]?.at(Math.floor(rest / stride)) ?? []);
      rest %= stride;
    }
    return job as unknown as Flat<D>;
  };
  return new LazyPool(length, compute, {
    distinct: pools.every((pool) => pool.distinct),
    recipe: () => combine('product', length, pools),
  });
}

/** The dimensions' first elements, their second, …; all must have the same length. */
export function zip<const D extends readonly Iterable<unknown>[]>(...dimensions: D): Pool<Flat<D>> {
  const pools = dimensions.map((dimension, at) => toPool(dimension, `zip: dimension ${at + 1}`));
  const length = pools[0]?.length ?? 0;
  if (pools.some((pool) => pool.length !== length)) {
    throw new RangeError(`zip: all must have the same length, got ${pools.map((pool) => pool.length).join(', ')}`);
  }
  const compute = (index: number): Flat<D> => {
    const job: unknown[] = [];
    for (const pool of pools) append(job, pool.at(index));
    return job as unknown as Flat<D>;
  };
  return new LazyPool(length, compute, {
    distinct: pools.some((pool) => pool.distinct),
    recipe: () => combine('zip', length, pools),
  });
}

/** The pool of a list of jobs; a bare value is a 1-tuple. Throws as `spell` does. */
export function poolOfJobs(jobs: Iterable<unknown>): LazyPool<readonly unknown[]> {
  const texts = new JobTexts();
  for (const job of jobs) texts.add(spellArguments(asTuple(job), texts.length));
  return poolOfTexts(texts.seal());
}

/** The same of jobs that come one after the other. */
export async function poolOfComingJobs(jobs: AsyncIterable<unknown>): Promise<LazyPool<readonly unknown[]>> {
  const texts = new JobTexts();
  for await (const job of jobs) texts.add(spellArguments(asTuple(job), texts.length));
  return poolOfTexts(texts.seal());
}

function poolOfTexts(texts: JobTexts): LazyPool<readonly unknown[]> {
  return new LazyPool(texts.length, (index) => decodeJson(texts.at(index)) as readonly unknown[], { texts });
}

/** `jobs` itself where it is a pool of ours. */
export function asPool(jobs: unknown): LazyPool<readonly unknown[]> | undefined {
  return jobs instanceof LazyPool ? jobs : undefined;
}

function asTuple(job: unknown): readonly unknown[] {
  return Array.isArray(job) ? job : [job];
}

function append(job: unknown[], part: readonly unknown[]): void {
  for (let at = 0; at < part.length; at++) job.push(part[at]);
}

/** Longer lists are not looked through for equal elements here: that takes more memory than `countOccurrences` does. */
const distinctProofMax = 65_536;

/** A dimension of `product` or `zip`: a pool, or elements that stay whole. */
function toPool(dimension: Iterable<unknown>, what: string): LazyPool<readonly unknown[]> {
  if (dimension instanceof LazyPool) return dimension;
  const elements = listElements(dimension, what);
  return new LazyPool<readonly unknown[]>(elements.length, (index) => [elements[index]], {
    distinct: areDistinct(elements),
    recipe: () => listOf(elements),
  });
}

function combine(
  kind: 'product' | 'zip',
  length: number,
  pools: readonly LazyPool<readonly unknown[]>[],
): Recipe | undefined {
  const parts = pools.map((pool) => pool.recipe());
  return parts.every((part) => part !== undefined) ? { kind, length, parts } : undefined;
}

/** A longer list would cost every worker more memory than it saves time. */
const [recipeElementsMax, recipeCharsMax] = [65_536, 1_000_000];

function listOf(elements: readonly unknown[]): Recipe | undefined {
  if (elements.length > recipeElementsMax) return undefined;
  const texts: string[] = [];
  let chars = 0;
  for (const element of elements) {
    if (findUnstorable(element) !== undefined) return undefined;
    const text = encodeJson(element);
    chars += text.length;
    if (chars > recipeCharsMax) return undefined;
    texts.push(text);
  }
  return { kind: 'list', elements: texts };
}

/** A copy: the pool stays the same whatever becomes of the list. */
function listElements(dimension: unknown, what: string): readonly unknown[] {
  const shown = typeof dimension === 'string' ? JSON.stringify(dimension).slice(0, 40) : typeof dimension;
  if (typeof dimension !== 'object' || dimension === null) {
    throw new TypeError(
      `${what} must be a list, a pool or another iterable, got ${shown}; one value is written [value]`,
    );
  }
  if (Symbol.iterator in dimension) return Array.from(dimension as Iterable<unknown>);
  throw new TypeError(
    Symbol.asyncIterator in dimension
      ? `${what} is an async iterable; gather its elements first: await Array.fromAsync(…)`
      : `${what} must be a list, a pool or another iterable, got an object that is none`,
  );
}

function areDistinct(elements: readonly unknown[]): boolean {
  if (elements.length > distinctProofMax) return false;
  // A set takes -0 for 0, and objects for different that have equal texts.
  const decidable = elements.every((it) => (typeof it !== 'object' || it === null) && !Object.is(it, -0));
  return decidable && new Set(elements).size === elements.length;
}
