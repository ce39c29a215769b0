import tychei from 'seedrandom/lib/tychei.js';

/**
 * seedrandom's `tychei`: the inverse of Tyche (Neves and Araujo 2011, "Fast and small nonlinear pseudorandom number
 * generators for computer simulation"), a quarter round of ChaCha over a state of four 32-bit words; passes BigCrush,
 * and of seedrandom's generators with 128 bits of state the fastest to seed and to draw from.
 */
export interface Generator {
  /** 53 bits in [0, 1). */
  double(): number;
  /** A signed 32-bit integer. */
  int32(): number;
  state(): GeneratorState;
}

export interface GeneratorState {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** `seed` is text of at least 128 bits of entropy (a digest); all of it goes into the state. */
export function createGenerator(seed: string): Generator {
  return tychei(seed, { state: true });
}

export function restoreGenerator(state: GeneratorState): Generator {
  return tychei('', { state });
}

/** An unbiased integer in [0, span), 1 ≤ span ≤ 2^53: what would tip the scales is drawn again. */
export function drawBelow(generator: Generator, span: number): number {
  if (span <= 0x1_0000_0000) {
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % span);
    for (;;) {
      const value = generator.int32() >>> 0;
      if (value < limit) return value % span;
    }
  }
  const limit = 2 ** 53 - (2 ** 53 % span);
  for (;;) {
    const value = (generator.int32() >>> 11) * 0x1_0000_0000 + (generator.int32() >>> 0);
    if (value < limit) return value % span;
  }
}
