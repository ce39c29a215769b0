import { defineExperiment, range } from 'job-splitter';

/**
 * π by throwing darts, with its confidence interval: the mean over all jobs lies within 2.58 standard errors of π in
 * 99 of 100 seeds. The seed is fixed, so the answer is always the same.
 */
const darts = 100_000;

export default defineExperiment({
  overrideSeed: 'darts',
  jobs: range(64),
  columns: ['replicate', 'estimate'],
  job(replicate, _random, _config, { stream }) {
    let inside = 0;
    for (let dart = 0; dart < darts; dart++) if (stream() ** 2 + stream() ** 2 < 1) inside++;
    return [replicate, (4 * inside) / darts];
  },
  // Number, mean and sum of squared deviations (Welford), from which interval and mean follow.
  reduce: (
    [count, mean, squares]: readonly [number, number, number],
    [, estimate],
  ): readonly [number, number, number] => {
    const next = mean + (estimate - mean) / (count + 1);
    return [count + 1, next, squares + (estimate - mean) * (estimate - next)];
  },
  reduceStart: [0, 0, 0],
  teardown({ reduced }) {
    const [count, mean, squares] = reduced as readonly [number, number, number];
    const half = 2.58 * Math.sqrt(squares / (count - 1) / count);
    console.error(`pi = ${mean.toFixed(5)} ± ${half.toFixed(5)} (99 %)`);
  },
});
