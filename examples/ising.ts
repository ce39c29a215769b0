import { defineExperiment, product, range } from 'job-splitter';

/**
 * The two-dimensional Ising model on a 32 × 32 torus by Wolff's cluster algorithm. Onsager (1944) and Yang (1952)
 * found the magnetisation of the infinite lattice: (1 − sinh(2/T)^−4)^(1/8) below the critical temperature 2.269.
 */
const edge = 32;
const warmUp = 200;
const sweeps = 400;

export default defineExperiment({
  jobs: product([1.8, 2.0, 2.2], range(8)),
  columns: ['temperature', 'replicate', 'magnetisation'],
  job(temperature, replicate, _random, _config, { stream, progress }) {
    const spins = new Int8Array(edge * edge).fill(1);
    const bond = 1 - Math.exp(-2 / temperature);
    let sum = 0;
    for (let sweep = 0; sweep < warmUp + sweeps; sweep++) {
      flipCluster(spins, bond, stream);
      if (sweep >= warmUp) sum += Math.abs(spins.reduce((total, spin) => total + spin, 0)) / spins.length;
      progress.report(sweep + 1, warmUp + sweeps);
    }
    return [temperature, replicate, sum / sweeps];
  },
  // Sum and number at temperature 2, from which the mean follows.
  reduce: ([sum, count]: readonly [number, number], [temperature, , magnetisation]): readonly [number, number] =>
    temperature === 2 ? [sum + magnetisation, count + 1] : [sum, count],
  reduceStart: [0, 0],
});

/** Grows a cluster of equal spins from a random place and turns it over. */
function flipCluster(spins: Int8Array, bond: number, random: () => number): void {
  const start = Math.floor(random() * spins.length);
  const spin = spins[start] ?? 1;
  const stack = [start];
  spins[start] = -spin;
  for (let site = stack.pop(); site !== undefined; site = stack.pop()) {
    const [row, column] = [Math.floor(site / edge), site % edge];
    const neighbours = [
      ((row + 1) % edge) * edge + column,
      ((row + edge - 1) % edge) * edge + column,
      row * edge + ((column + 1) % edge),
      row * edge + ((column + edge - 1) % edge),
    ];
    for (const next of neighbours) {
      if (spins[next] !== spin || random() >= bond) continue;
      spins[next] = -spin;
      stack.push(next);
    }
  }
}
