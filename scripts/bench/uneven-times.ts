/** Uniform in (0, 1), the same ones in every run (Mulberry32). */
function* uniforms(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  }
}

function numbersOf(seed: number): () => number {
  const source = uniforms(seed);
  return () => source.next().value;
}

/** Log-normal times of median 1. */
export function logNormalTimes(seed: number, count: number, sigma: number): readonly number[] {
  const next = numbersOf(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
  return Array.from({ length: count }, () => Math.exp(sigma * normal()));
}

/** Pareto times from 1, exponent 1.3: the longest of many takes a good part of all. */
export function paretoTimes(seed: number, count: number): readonly number[] {
  const next = numbersOf(seed);
  return Array.from({ length: count }, () => next() ** (-1 / 1.3));
}
