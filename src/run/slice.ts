import type { JobIndex } from '../core/ids.ts';
import { jobIndex } from '../core/ids.ts';
import type { FoldedOutcome, JournalFold } from '../core/journal/fold.ts';
import { matchOutcomes } from '../core/journal/match.ts';
import { type JobOrder, planOrder } from '../core/order.ts';
import type { Prepared } from './prepare.ts';
import { type ShareRequest, shareOf } from './share-request.ts';

/** The jobs that one start is about: positions `from` to `to` (not included) of an order. */
export interface Slice {
  readonly order: JobOrder;
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** A machine's share, or the jobs that were picked for a sample. */
export function sliceOf({ prepared, machine, only }: Pick<ShareRequest, 'prepared' | 'machine' | 'only'>): Slice {
  if (only !== undefined) {
    return {
      order: { length: only.length, at: (position) => only[position] },
      from: 0,
      to: only.length,
      length: only.length,
    };
  }
  const { from, to } = shareOf(prepared, machine);
  const order = planOrder(prepared.pool.length, prepared.planDigest, prepared.resolved.settings.run.order);
  return { order, from, to, length: to - from };
}

export interface SettledHere {
  readonly outcomes: ReadonlyMap<JobIndex, FoldedOutcome>;
  /** Settled here, but not part of the slice: the pool holds them no more, or they fell to another machine. */
  readonly elsewhere: number;
  /** Whether some settled jobs have another index than when they were settled, or are no longer there. */
  readonly renumbered: boolean;
}

/** What of a slice is settled. */
export function settledIn(slice: Slice, fold: JournalFold, prepared: Prepared): SettledHere {
  const { outcomes, gone, moved, poolChanged } = matchOutcomes(fold, prepared);
  if (!poolChanged) return { outcomes, elsewhere: 0, renumbered: false };
  const inside = new Map<JobIndex, FoldedOutcome>();
  for (let position = slice.from; position < slice.to; position++) {
    const job = jobIndex(slice.order.at(position) ?? -1);
    const folded = outcomes.get(job);
    if (folded !== undefined) inside.set(job, folded);
  }
  return { outcomes: inside, elsewhere: gone + outcomes.size - inside.size, renumbered: moved + gone > 0 };
}
