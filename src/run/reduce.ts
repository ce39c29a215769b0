import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { AnyExperiment } from '../experiment.ts';

/**
 * Folds all rows in the order of the pool: the same answer, bit for bit, however the work was split. Failed jobs are
 * skipped; the start value is cloned. `undefined` where the experiment reduces nothing: then nothing is read either.
 * Holds all rows for a moment, because they come in another order.
 */
export function reduceRows(experiment: AnyExperiment, outcomes: () => Iterable<FoldedOutcome>): unknown {
  if (experiment.reduce === undefined) return undefined;
  const succeeded: (readonly [JobIndex, readonly (readonly unknown[])[]])[] = [];
  for (const { outcome } of outcomes()) {
    if (outcome.result.status === 'succeeded') succeeded.push([outcome.job, outcome.result.rows]);
  }
  succeeded.sort(([a], [b]) => a - b);
  let accumulator: unknown = structuredClone(experiment.reduceStart);
  for (const [, rows] of succeeded) {
    for (const row of rows) accumulator = experiment.reduce(accumulator, row);
  }
  return accumulator;
}
