import { defineExperiment, product, range, rows, zip } from '../../src/api.ts';

/** Checked by the compiler: what an experiment's author sees inferred. A wrong type fails `make check`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const expectTrue = <T extends true>(value?: T): T | undefined => value;

defineExperiment({
  jobs: product([100, 200], range(4)),
  columns: ['size', 'replicate', 'energy'],
  job(size, replicate, random, config, { stream, progress }) {
    expectTrue<Same<typeof size, number>>();
    progress.report(1, 2);
    return [size, replicate, random() + stream() + config.getFloat('model', 'x')];
  },
  reduce: (lowest, [, , energy]) => {
    expectTrue<Same<typeof energy, number>>();
    return Math.min(lowest, energy);
  },
  reduceStart: Number.POSITIVE_INFINITY,
});

defineExperiment({
  jobs: product(zip(['a', 'b'], [1, 2]), [true, false], range(3)),
  job(name, count, flag, replicate) {
    expectTrue<Same<[typeof name, typeof count, typeof flag, typeof replicate], [string, number, boolean, number]>>();
    return rows([[name], [name]]);
  },
});

defineExperiment({
  jobs: ['x', 'y'],
  // @ts-expect-error a bigint cannot be stored
  job: (_name: string) => 1n,
});

defineExperiment({
  jobs: [1, 2],
  // @ts-expect-error functions cannot be stored
  job: (n: number) => [n, () => n],
});
