import { defineExperiment, product, range } from './api.ts';
import type { AnyExperiment } from './experiment.ts';

/** Tells a worker that it serves the self-test; only `--self-test` sets it. */
export const selfTestVariable = 'JOB_SPLITTER_SELF_TEST';

/** What a job of the self-test computes, in closed form: with it the results are checked. */
export function expectedSum(n: number, replicate: number): number {
  return (n * (n + 1)) / 2 + replicate;
}

/** The experiment of `--self-test`: what a run does, in small. */
export const selfTest = defineExperiment({
  name: 'self-test',
  jobs: product(range(1, 41), range(50)),
  columns: ['n', 'replicate', 'sum', 'noise'],
  job(n, replicate, random, _config, { stream, progress, attempt }) {
    if (n === 7 && replicate === 7 && attempt === 1) throw new Error('the self-test retries one job');
    let sum = replicate;
    for (let term = 1; term <= n; term++) sum += term;
    progress.report(n, 40);
    return [n, replicate, sum, random() + stream()];
  },
  reduce: (total, [, , sum]) => total + sum,
  reduceStart: 0,
}) as unknown as AnyExperiment;
