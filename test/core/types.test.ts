import { defineExperiment, fromCsv, product, range, rows, zip } from '../../src/api.ts';

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

defineExperiment({
  jobs: product(fromCsv('a\n1'), range(2)),
  job(record, replicate) {
    expectTrue<Same<[typeof record, typeof replicate], [Record<string, string>, number]>>();
    return [replicate];
  },
});

defineExperiment({
  jobs: fromCsv('a\n1'),
  job: (record) => [expectTrue<Same<typeof record, Record<string, string>>>() ?? 1],
});

defineExperiment({
  jobs: [1, 2, 3],
  job(n, random, config, context) {
    expectTrue<Same<typeof n, number>>();
    return [n + random() + config.getInt('a', 'b') + context.index];
  },
  reduce: (sum, [n]) => sum + n,
  reduceStart: 0,
});

defineExperiment({
  jobs: [
    [1, 'a'],
    [2, 'b'],
  ],
  job(n, text) {
    expectTrue<Same<[typeof n, typeof text], [number, string]>>();
    return [n];
  },
});

async function* soon(): AsyncGenerator<[number, string]> {
  yield [1, 'a'];
}
defineExperiment({
  jobs: soon(),
  job(n, text) {
    expectTrue<Same<[typeof n, typeof text], [number, string]>>();
    return [n];
  },
});

defineExperiment({
  jobs: (config) => product(range(config.getInt('model', 'sizes')), ['a', 'b']),
  job(size, name) {
    expectTrue<Same<[typeof size, typeof name], [number, string]>>();
    return [size];
  },
});

defineExperiment({
  jobs: async () => product(range(3), [[1, 2]]),
  job(n, pair) {
    expectTrue<Same<[typeof n, typeof pair], [number, [number, number]]>>();
    return [n];
  },
});
