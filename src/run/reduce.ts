import type { JobIndex } from '../core/ids.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import { findUnstorable } from '../core/storable.ts';
import type { AnyExperiment } from '../experiment.ts';
import { describeFailure } from '../runtime/worker/failure.ts';

export interface Reduced {
  /** `undefined` where nothing is reduced. */
  readonly value: unknown;
  /** What `reduce` threw, or what is wrong with what it came to; then there is no value. */
  readonly problem?: string;
}

/**
 * Folds all rows in the order of the pool: the same answer, bit for bit, however the work was split. Failed jobs are
 * skipped; the start value is cloned. Where the experiment reduces nothing, nothing is read either.
 * Holds all rows for a moment, because they come in another order.
 */
export function reduceRows(experiment: AnyExperiment, outcomes: () => Iterable<FoldedOutcome>): Reduced {
  if (experiment.reduce === undefined) return { value: undefined };
  const succeeded: (readonly [JobIndex, readonly (readonly unknown[])[]])[] = [];
  for (const { outcome } of outcomes()) {
    if (outcome.result.status === 'succeeded') succeeded.push([outcome.job, outcome.result.rows]);
  }
  succeeded.sort(([a], [b]) => a - b);
  let accumulator: unknown = structuredClone(experiment.reduceStart);
  for (const [job, rows] of succeeded) {
    try {
      for (const row of rows) accumulator = experiment.reduce(accumulator, row);
    } catch (thrown) {
      return { value: undefined, problem: describeReduceFailure(job, thrown) };
    }
  }
  const problem = succeeded.some(([, rows]) => rows.length > 0) ? whyNotReduced(accumulator) : undefined;
  return problem === undefined ? { value: accumulator } : { value: undefined, problem };
}

/** What `summary.json` could not hold would be lost, or another value there, without a word. */
export function whyNotReduced(value: unknown): string | undefined {
  if (value === undefined) return 'reduce returned nothing; does it lack a return?';
  const bad = findUnstorable(value, 'reduced');
  return bad && `reduce came to what summary.json cannot hold: ${bad.path} is ${bad.what}`;
}

/** With its place in the user's lines. */
export function describeReduceFailure(job: number, thrown: unknown): string {
  const { message, stack } = describeFailure(thrown);
  const place = stack.split('\n').find((line) => line.trimStart().startsWith('at '));
  return `reduce failed at the rows of job ${job}: ${message}${place === undefined ? '' : ` (${place.trim()})`}`;
}
