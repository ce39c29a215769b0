import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { AnyExperiment } from '../experiment.ts';

/**
 * Folds all rows in the order of the pool: the same answer, bit for bit, however the work was split. Failed jobs are
 * skipped; the start value is cloned. `undefined` where the experiment reduces nothing.
 */
export function reduceRows(experiment: AnyExperiment, outcomes: ReadonlyMap<JobIndex, FoldedOutcome>): unknown {
  if (experiment.reduce === undefined) return undefined;
  let accumulator: unknown = structuredClone(experiment.reduceStart);
  for (const job of [...outcomes.keys()].sort((a, b) => a - b)) {
    const result = outcomes.get(job)?.outcome.result;
    if (result?.status !== 'succeeded') continue;
    for (const row of result.rows) accumulator = experiment.reduce(accumulator, row);
  }
  return accumulator;
}
