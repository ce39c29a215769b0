import { jobIndex } from '../core/ids.ts';
import type { JournalFold } from '../core/journal/fold.ts';
import { LastLines } from '../core/journal/last-lines.ts';
import { matchOutcomes } from '../core/journal/match.ts';
import type { JournalLines, Settled } from '../core/journal/settled.ts';
import { type JobOrder, planOrder } from '../core/order.ts';
import { type Piece, piecesOf } from '../core/rescue/piece.ts';
import { countOf } from '../core/rescue/ranges.ts';
import { checksum } from '../runtime/checksum.ts';
import { allMachines, type Prepared } from './prepare.ts';
import type { ShareRequest } from './share-request.ts';

/** The jobs that one start is about: positions `from` to `to` (not included) of an order. */
export interface Slice {
  readonly order: JobOrder;
  readonly from: number;
  readonly to: number;
  readonly length: number;
  /** What this machine has settled stays part of its slice, whoever is responsible for it now. */
  readonly keepsSettled?: true;
}

type SliceWish = Pick<ShareRequest, 'prepared' | 'machine' | 'only' | 'engine'>;

/** A machine's share, by the plan and the rescues, or the jobs that were picked for a sample. An engine's jobs are not known yet: nothing but what is settled. */
export function sliceOf({ prepared, machine, only, engine }: SliceWish): Slice {
  if (engine !== undefined) return { ...sliceOfJobs([]), keepsSettled: true };
  if (only !== undefined) return sliceOfJobs(only);
  const { pool, planDigest, resolved, rescue, shares, pieces } = prepared;
  const order = planOrder(pool.length, planDigest, resolved.settings.run.order);
  if (machine === allMachines) return { order, from: 0, to: pool.length, length: pool.length };
  if (rescue !== undefined) return rescuedSlice(order, piecesOf(pieces, machine));
  const share = shares.find((candidate) => candidate.machine === machine);
  if (share === undefined) throw new Error(`Internal error: no share for ${machine}`);
  return { order, from: share.from, to: share.to, length: share.to - share.from };
}

function sliceOfJobs(jobs: ArrayLike<number>): Slice {
  return { order: { length: jobs.length, at: (place) => jobs[place] }, from: 0, to: jobs.length, length: jobs.length };
}

function rescuedSlice(order: JobOrder, pieces: readonly Piece[]): Slice {
  const jobs = new Uint32Array(countOf(pieces));
  let place = 0;
  for (const { from, to } of pieces) {
    for (let position = from; position < to; position++) jobs[place++] = order.at(position) ?? 0;
  }
  return { ...sliceOfJobs(jobs), keepsSettled: true };
}

/**
 * The slice with what is settled here behind it: a machine that lost jobs to others after it had done them, or between
 * the copying of its folder and the rescue, counts and shows what it has done.
 */
export function withSettled(slice: Slice, { lines }: Settled): Slice {
  if (slice.keepsSettled !== true) return slice;
  const inside = new LastLines();
  const jobs: number[] = [];
  for (let place = 0; place < slice.length; place++) inside.set(jobIndex(slice.order.at(place) ?? 0), 1);
  lines.forEach((job) => {
    if (!inside.has(job)) jobs.push(job);
  });
  if (jobs.length === 0) return slice;
  const all = new Uint32Array(slice.length + jobs.length);
  for (let place = 0; place < slice.length; place++) all[place] = slice.order.at(place) ?? 0;
  all.set(jobs, slice.length);
  return { ...sliceOfJobs(all), keepsSettled: true };
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
  if (slice.keepsSettled === true) return { settled, elsewhere: gone, renumbered: moved + gone > 0 };
  const inside = new LastLines();
  for (let position = slice.from; position < slice.to; position++) {
    const job = jobIndex(slice.order.at(position) ?? -1);
    const line = settled.lines.get(job);
    if (line > 0) inside.set(job, line);
  }
  const elsewhere = gone + settled.size - inside.size;
  return { settled: settled.within(inside), elsewhere, renumbered: moved + gone > 0 };
}
