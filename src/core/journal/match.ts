import { spellArguments } from '../digest.ts';
import { type Hex, type JobIndex, jobIndex } from '../ids.ts';
import { identityOf, type Occurrences } from '../occurrences.ts';
import type { LazyPool } from '../pool.ts';
import { type FoldedOutcome, identityOfOutcome, type JournalFold } from './fold.ts';

/** The pool as it is now. */
export interface PoolNow {
  readonly experimentDigest: Hex;
  readonly pool: LazyPool<readonly unknown[]>;
  readonly occurrences: Occurrences;
}

export interface MatchedOutcomes {
  /** By their index in the pool as it is now. */
  readonly outcomes: ReadonlyMap<JobIndex, FoldedOutcome>;
  /** Settled jobs that the pool does not hold any more. They stay in the journal. */
  readonly gone: number;
  /** Jobs whose index is another one than when they were settled. */
  readonly moved: number;
  /** Whether the pool may be another one than when some of them were settled. */
  readonly poolChanged: boolean;
}

/** Finds the jobs of a journal again in the pool as it is now, by identity: it may have grown, shrunk, been reordered. */
export function matchOutcomes(fold: JournalFold, { experimentDigest, pool, occurrences }: PoolNow): MatchedOutcomes {
  // A lost line may have told of another pool: then nothing but the identities can be trusted.
  const indicesHold = fold.experimentDigest === experimentDigest && fold.problems.length === 0;
  if (indicesHold && fold.earlier.size === 0) {
    return { outcomes: fold.outcomes, gone: 0, moved: 0, poolChanged: false };
  }
  const left = new Map(fold.earlier);
  for (const folded of fold.outcomes.values()) left.set(identityOfOutcome(folded), folded);
  const outcomes = new Map<JobIndex, FoldedOutcome>();
  let moved = 0;
  for (let index = 0; index < pool.length && left.size > 0; index++) {
    const job = jobIndex(index);
    const identity = identityOf(spellArguments(pool.at(index), index), occurrences.get(job) ?? 0);
    const folded = left.get(identity);
    if (folded === undefined) continue;
    left.delete(identity);
    if (folded.outcome.job !== job) moved++;
    outcomes.set(job, { ...folded, outcome: { ...folded.outcome, job } });
  }
  return { outcomes, gone: left.size, moved, poolChanged: true };
}
