import type { JobIndex } from '../ids.ts';
import { type ChunkRecord, type Holder, isPoison, runsAlone } from './chunk-record.ts';
import { PlaceSet } from './place-set.ts';

/** What the log said last of a chunk, and where. */
export interface Known {
  readonly record: ChunkRecord;
  /** Sequence of that message; 0: nothing was said yet. */
  readonly seq: number;
  /** Which log that was: another one has another number. */
  readonly epoch: number;
}

/** A chunk that this machine has to do with: it holds it, or has rows for it. */
export class HeldChunk {
  readonly chunk: number;
  /** By place in the chunk. */
  readonly jobs: readonly JobIndex[];
  known: Known | undefined;
  isHeld: boolean = false;
  /** Supplied to the dispatcher and not settled here. */
  readonly inHand: PlaceSet;
  /** Their rows are in the log; a record has still to say so. */
  readonly stored: PlaceSet;
  /** Those of the stored ones that failed. */
  readonly failed: PlaceSet;

  constructor(chunk: number, jobs: readonly JobIndex[]) {
    this.chunk = chunk;
    this.jobs = jobs;
    this.inHand = new PlaceSet(jobs.length);
    this.stored = new PlaceSet(jobs.length);
    this.failed = new PlaceSet(jobs.length);
  }

  get isDone(): boolean {
    return this.known?.record.done.isFull === true;
  }

  /** Nothing of it is left to say or to do here. */
  get isIdle(): boolean {
    return this.stored.count === 0 && this.inHand.count === 0;
  }

  store(at: number, failed: boolean): void {
    this.inHand.delete(at);
    this.stored.add(at);
    if (failed) this.failed.add(at);
  }

  /** A record has come to be the last one: what it says has not to be said again. */
  learn(known: Known): void {
    this.known = known;
    for (const at of this.stored) {
      if (!known.record.done.has(at)) continue;
      this.stored.delete(at);
      this.failed.delete(at);
    }
  }

  /** The log is another one: what was in it before is not. */
  forget(): void {
    this.isHeld = false;
    this.known = undefined;
    for (const at of this.stored) {
      this.stored.delete(at);
      this.failed.delete(at);
    }
  }

  /** Whether the last record says that this start holds it. */
  isHeldBy({ token }: Holder): boolean {
    return this.known?.record.holder?.token === token;
  }

  /** The places of the jobs that are to run now: all that are open, or the next one where they go one at a time. */
  next(isSettledHere: (job: JobIndex) => boolean): readonly number[] {
    const record = this.known?.record;
    if (record === undefined || !this.isHeld) return [];
    const isAlone = runsAlone(record);
    if (isAlone && !this.isIdle) return [];
    const open: number[] = [];
    for (let at = 0; at < this.jobs.length; at++) {
      const job = this.jobs[at];
      if (job === undefined || record.done.has(at) || this.stored.has(at) || this.inHand.has(at)) continue;
      if (isPoison(record, at) || isSettledHere(job)) continue;
      open.push(at);
      if (isAlone) break;
    }
    return open;
  }
}
