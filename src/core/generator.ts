import xor4096 from 'seedrandom/lib/xor4096.js';

/**
 * seedrandom's `xor4096`: Brent's xorgens (R. P. Brent 2007, "Some long-period random number generators using shifts
 * and xors", ANZIAM J. 48), a 4096-bit xorshift added to a Weyl sequence; the parameters (17, 12, 13, 15; 128, 95) are
 * the published ones.
 *
 * Quality: passes TestU01's BigCrush, says Brent (not run again here); the period is proven, (2^4096 - 1) · 2^32, from any seed. The state is 4,128 bits
 * and every digit of a seed of 64 reaches it without loss (the warming-up is a bijection), so that different digests
 * give different states, and n streams of length L overlap with a chance of about n²L / 2^4096: never. What may
 * coincide is the digest, with n² / 2^257.
 *
 * Speed (Node 22, seedrandom 3.0.5, medians): 3.5 to 7 µs to seed, about 30 ns for `random()`, 20 ns for `int(1, 6)`,
 * 100 ns for `normal()` (`scripts/bench/pools.ts`). A generator is made when the first number is drawn: a job without
 * random numbers pays 0.05 µs.
 *
 * Why not the others of seedrandom: `tychei` (seeded in 1.7 µs) is not the Tyche-i of Neves and Araujo 2011: its last
 * rotation takes the upper half of `c` instead of `d`, so a step loses 16 bits (each state it reaches has 2^16
 * predecessors), only 2^112 states are left, the sequence is that of a random mapping (expected to repeat after about
 * 2^56 numbers, streams run into each other) and BigCrush was never passed by it. `xor128`, `xorwow` and `xorshift7`
 * fail tests of linearity; `alea` has 96 bits of state; ARC4 takes 13 µs to seed and has known biases.
 */
export interface Generator {
  /** 53 bits in (0, 1). */
  double(): number;
  /** A signed 32-bit integer. */
  int32(): number;
  state(): GeneratorState;
}

/** `X`: the 128 words of the xorshift; `i`: where in them it stands; `w`: the Weyl sequence. 32-bit signed integers. */
export interface GeneratorState {
  readonly i: number;
  readonly w: number;
  readonly X: readonly number[];
}

/** `seed` is text of at least 128 bits of entropy (a digest in hex); up to 127 characters reach the state in full. */
export function createGenerator(seed: string): Generator {
  return xor4096(seed, { state: true });
}

/** `state` must be one that `isGeneratorState` accepts. */
export function restoreGenerator(state: GeneratorState): Generator {
  return xor4096('', { state });
}

/** Whether a value of any origin (a checkpoint, a file) is a state; all words zero would stay zero for ever. */
export function isGeneratorState(value: unknown): value is GeneratorState {
  if (typeof value !== 'object' || value === null || !('i' in value && 'w' in value && 'X' in value)) return false;
  const { i, w, X } = value;
  if (!(isInt32(i) && i >= 0 && i < stateWords && isInt32(w))) return false;
  return Array.isArray(X) && X.length === stateWords && X.every(isInt32) && X.some((word) => word !== 0);
}

const stateWords = 128;

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && value === (value | 0);
}

/** An unbiased integer in [0, span), 1 ≤ span ≤ 2^53: what would tip the scales is drawn again. */
export function drawBelow(generator: Generator, span: number): number {
  if (span <= 0x1_0000_0000) {
    for (;;) {
      const value = generator.int32() >>> 0;
      if (isFair(value, span, 0x1_0000_0000)) return value % span;
    }
  }
  for (;;) {
    const value = (generator.int32() >>> 11) * 0x1_0000_0000 + (generator.int32() >>> 0);
    if (isFair(value, span, 2 ** 53)) return value % span;
  }
}

/** Below the last full multiple of `span`. The first test is true for nearly all and saves a slow remainder. */
function isFair(value: number, span: number, end: number): boolean {
  return value < end - span || value < end - (end % span);
}
