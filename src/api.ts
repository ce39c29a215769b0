/** Everything that an experiment imports: `import { … } from 'job-splitter'`. */
import { Rows } from './core/rows.ts';
import type { Experiment, JobResult } from './experiment.ts';

export type { Config } from './config/config.ts';
export { fromCsv } from './core/from-csv.ts';
export { type Pool, product, zip } from './core/pool.ts';
export type { Random } from './core/random.ts';
export { range } from './core/range.ts';
export type { Checkpoint, Context, Experiment, Progress, ResultMeta, RunSummary } from './experiment.ts';

/** Says what an experiment is; the entry's default export. Returns its argument, checked by the compiler. */
export function defineExperiment<const J, const R extends JobResult, A = never>(
  experiment: Experiment<J, R, A>,
): Experiment<J, R, A> {
  return experiment;
}

/** Several rows from one job: `return rows([[1, 2], [3, 4]])`. */
export function rows<const R extends JobResult>(list: readonly R[]): Rows<R> {
  return new Rows(list);
}
