import {
  createGenerator,
  drawBelow,
  type Generator,
  type GeneratorState,
  isGeneratorState,
  restoreGenerator,
} from './generator.ts';
import { hashTexts } from './hash.ts';
import { encodeJson, type JsonValue } from './json.ts';
import { ln } from './ln.ts';
import { findUnstorable } from './storable.ts';
import { surely } from './sure-error.ts';

/** Where a generator stands: plain JSON, to be kept in a checkpoint. */
export type RandomState = GeneratorState;

/**
 * A seeded generator: the same numbers on every system and in every later version. Called, it gives a float in [0, 1)
 * with 53 bits (never exactly 0); it serves as the source of d3-random. Which generator and why: `generator.ts`.
 */
export interface Random {
  (): number;
  /** A whole number from `lo` to `hi`, both included, all equally likely. RangeError unless both are safe integers, lo ≤ hi, hi - lo < 2^53. */
  int(lo: number, hi: number): number;
  /** One of the items, all equally likely; a RangeError where there is none. */
  pick<Item>(items: readonly Item[]): Item;
  /** The items in random order, in a new array; all orders equally likely (Fisher and Yates). */
  shuffle<Item>(items: readonly Item[]): Item[];
  /**
   * Normally distributed, by default with mean 0 and standard deviation 1. Marsaglia's polar method with a logarithm
   * of our own and `Math.sqrt`, which IEEE 754 defines to the last bit.
   */
  normal(mean?: number, deviation?: number): number;
  /** The state now, plain JSON (about 1.4 kB): `restore` continues from it exactly. */
  state(): RandomState;
  /** Continues from what `state` gave. TypeError for anything else. */
  restore(state: RandomState): void;
  /**
   * An independent generator for a key of JSON values; the same whatever was drawn or restored before. TypeError for
   * a key that JSON cannot hold.
   */
  fork(...key: readonly JsonValue[]): Random;
}

/** A `Random` that a worker uses again for job after job; costs nothing until the job draws. */
export interface ReusableRandom {
  readonly random: Random;
  /** Starts anew from this seed, which is asked for when the first number is drawn. */
  reset(from: SeedSource): void;
}

/** A seed is a hash: made when it is needed, and once for a generator and all its forks. */
export interface SeedSource {
  readonly seed: string;
}

export function createRandom(seed: string): Random {
  return createReusableRandom({ seed }).random;
}

export function createReusableRandom(first: SeedSource): ReusableRandom {
  let source = first;
  let generator: Generator | undefined;
  const get = (): Generator => {
    generator ??= createGenerator(source.seed);
    return generator;
  };
  const random: Random = Object.assign(() => get().double(), {
    int: (lo: number, hi: number) => drawInt(get(), lo, hi),
    pick: <Item>(items: readonly Item[]) => pick(get(), items),
    shuffle: <Item>(items: readonly Item[]) => shuffle(get(), items),
    normal: (mean = 0, deviation = 1) => mean + deviation * drawNormal(get()),
    state: () => get().state(),
    restore: (state: RandomState) => {
      assertState(state);
      generator = restoreGenerator(state);
    },
    fork: (...key: readonly JsonValue[]) => {
      const parent = source;
      const keyJson = spellKey(key);
      return createReusableRandom(new LazySeed(() => hashTexts('job-splitter/fork/v1', parent.seed, keyJson))).random;
    },
  });
  return {
    random,
    reset: (from) => {
      source = from;
      generator = undefined;
    },
  };
}

export class LazySeed implements SeedSource {
  readonly #make: () => string;
  #seed: string | undefined;

  constructor(make: () => string) {
    this.#make = make;
  }

  get seed(): string {
    this.#seed ??= this.#make();
    return this.#seed;
  }
}

/** The seed of a job's own stream. */
export function seedOfStream(seed: string, identity: string): string {
  return hashTexts('job-splitter/stream/v1', seed, identity);
}

/** The seed of the generator that every job receives in the same state (common random numbers). */
export function seedOfCommon(seed: string): string {
  return hashTexts('job-splitter/common/v1', seed);
}

function drawInt(generator: Generator, lo: number, hi: number): number {
  if (!Number.isSafeInteger(lo) || !Number.isSafeInteger(hi) || lo > hi || hi - lo >= 2 ** 53) {
    throw new RangeError(`random.int(lo, hi) takes whole numbers with lo ≤ hi, got ${lo} and ${hi}`);
  }
  return lo + drawBelow(generator, hi - lo + 1);
}

function pick<Item>(generator: Generator, items: readonly Item[]): Item {
  if (items.length === 0) throw new RangeError('random.pick: there is nothing to pick from');
  return items[drawBelow(generator, items.length)] as Item;
}

function shuffle<Item>(generator: Generator, items: readonly Item[]): Item[] {
  const list = [...items];
  for (let last = list.length - 1; last > 0; last--) {
    const other = drawBelow(generator, last + 1);
    [list[last], list[other]] = [list[other] as Item, list[last] as Item];
  }
  return list;
}

/** The pair's second value is thrown away, so that the state is the generator's alone. */
function drawNormal(generator: Generator): number {
  for (;;) {
    const x = 2 * generator.double() - 1;
    const y = 2 * generator.double() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * ln(square)) / square);
  }
}

function assertState(state: unknown): asserts state is RandomState {
  if (isGeneratorState(state)) return;
  throw surely(
    new TypeError(
      'random.restore takes what random.state() gave ({ i, w, X }: whole numbers, X a list of 128 of them), not this value',
    ),
  );
}

/** The key as it is now: its arrays and objects may change later. */
function spellKey(key: readonly JsonValue[]): string {
  const bad = findUnstorable(key, 'key');
  if (bad !== undefined)
    throw surely(new TypeError(`random.fork takes JSON values as its key, but ${bad.path} is ${bad.what}`));
  return encodeJson(key);
}
