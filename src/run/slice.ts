import { jobIndex } from '../core/ids.ts';
import type { JournalFold } from '../core/journal/fold.ts';
import { LastLines } from '../core/journal/last-lines.ts';
import { matchOutcomes } from '../core/journal/match.ts';
import type { JournalLines, Settled } from '../core/journal/settled.ts';
import { type JobOrder, planOrder } from '../core/order.ts';
import { checksum } from '../runtime/checksum.ts';
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
  readonly settled: Settled;
  /** Settled here, but not part of the slice: the pool holds them no more, or they fell to another machine. */
  readonly elsewhere: number;
  /** Whether some settled jobs have another index than when they were settled, or are no longer there. */
  readonly renumbered: boolean;
}

/** What of a slice is settled. `lines` reads the journal again, which is asked for only where the pool has changed. */
export function settledIn(slice: Slice, fold: JournalFold, prepared: Prepared, lines: () => JournalLines): SettledHere {
  const { settled, gone, moved, poolChanged } = matchOutcomes(fold, prepared, lines, checksum);
  if (!poolChanged) return { settled, elsewhere: 0, renumbered: false };
  const inside = new LastLines();
  for (let position = slice.from; position < slice.to; position++) {
    const job = jobIndex(slice.order.at(position) ?? -1);
    const line = settled.lines.get(job);
    if (line > 0) inside.set(job, line);
  }
  const elsewhere = gone + settled.size - inside.size;
  return { settled: settled.within(inside), elsewhere, renumbered: moved + gone > 0 };
}
