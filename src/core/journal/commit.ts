import { assert } from '../assert.ts';
import type { Piece } from './line.ts';

/*
 *            append                 interval over, or enough text          flushed
 *   quiet ───────────► gathering ───────────────────────────────► flushing ───────► quiet or gathering
 *                          ▲                                         │ failed, may pass (disk full)
 *                          └──────── waiting, then flush again ◄─────┘
 *                                                                    │ failed for good, or patience is over
 *                                                                    ▼ broken
 */

/** What group commit asks for. */
export type CommitEffect =
  /** Write the pieces, one after the other, at this position of the file and sync it; then tell `flushed` or `failed`. */
  | { readonly type: 'flush'; readonly text: readonly Piece[]; readonly positionBytes: number }
  /** Everything up to this ticket is on disk. */
  | { readonly type: 'durable'; readonly ticket: number }
  | { readonly type: 'wake'; readonly atMs: number }
  /** The disk is so slow that too much waits for it: hand out no new jobs until `durable`. */
  | { readonly type: 'full' }
  /** The disk refuses for the time being: hand out no new jobs until `durable`. */
  | { readonly type: 'stuck'; readonly why: string }
  /** Nothing more will be written; what is not `durable` yet is not recorded. */
  | { readonly type: 'broken'; readonly why: string };

export interface CommitPolicy {
  /** The shortest time between two flushes, so the longest that a line waits for company, at most 50. */
  readonly intervalMs: number;
  /** Text that is written without waiting for the interval. */
  readonly flushAtBytes: number;
  /** So much may wait while the disk is busy. */
  readonly holdAtBytes: number;
  /** Wait before a disk that was full is tried again. */
  readonly retryMs: number;
  /** How long a disk may refuse before the journal counts as broken; for ever where not given. */
  readonly stuckMaxMs?: number | undefined;
}

/** A deadline noticed so much too late was slept over: the disk has had no chance to answer. */
const lateMs = 250;
/** What it gets then, so many times at most. */
const moreMs = 2_000;
const moreTimesMax = 3;

interface Flight {
  readonly text: readonly Piece[];
  readonly ticket: number;
  sinceMs: number;
  /** Set while it waits for the next try. */
  retryAtMs: number | undefined;
}

/**
 * Group commit: lines are gathered and written together with one sync; what comes after a while of quiet is written at
 * once. Every flush names its position in the file, and one that failed is written again as a whole over what it left
 * there, also after a failed sync: the system may have dropped the pages that it could not write and call the next sync a
 * success (PostgreSQL's "fsyncgate", 2018), so nothing counts that was not written anew before the sync that succeeded.
 */
export class GroupCommit {
  readonly #policy: CommitPolicy;
  #gathered: Piece[] = [];
  /** About. */
  #gatheredBytes = 0;
  /** When what is gathered is written at the latest. */
  #dueMs = 0;
  /** When something was written last. */
  #writtenAtMs: number | undefined;
  #tickets = 0;
  #flight: Flight | undefined;
  #positionBytes: number;
  #patienceUntilMs: number = Number.POSITIVE_INFINITY;
  #lastProblem = 'the disk does not answer';
  #moreTimes = 0;
  #broken = false;

  constructor(policy: CommitPolicy, positionBytes: number) {
    this.#policy = policy;
    this.#positionBytes = positionBytes;
  }

  /** Nothing waits and nothing is being written. */
  get isQuiet(): boolean {
    return this.#flight === undefined && this.#gathered.length === 0;
  }

  /** Takes a line, in pieces; the ticket comes back in `durable`. */
  append(line: readonly Piece[], nowMs: number): number {
    if (this.#gathered.length === 0) this.#dueMs = (this.#writtenAtMs ?? nowMs) + this.#policy.intervalMs;
    for (const piece of line) {
      this.#gathered.push(piece);
      this.#gatheredBytes += piece.length;
    }
    return ++this.#tickets;
  }

  /** The time went on: writes what has waited long enough, or tries a full disk again. */
  tick(nowMs: number): readonly CommitEffect[] {
    if (this.#broken) return [];
    if (this.#flight !== undefined) {
      const waiting = this.#wait(this.#flight, nowMs);
      return this.#gatheredBytes > this.#policy.holdAtBytes ? [{ type: 'full' }, ...waiting] : waiting;
    }
    if (this.#gathered.length === 0) return [];
    if (this.#dueMs > nowMs && this.#gatheredBytes < this.#policy.flushAtBytes)
      return [{ type: 'wake', atMs: this.#dueMs }];
    return this.#flush(nowMs);
  }

  /** Writes what is gathered without waiting; for the end of a run. */
  hurry(nowMs: number): readonly CommitEffect[] {
    this.#dueMs = nowMs;
    return this.tick(nowMs);
  }

  /** Whatever is not written by then is given up: somebody wants the run to end. The earliest such time counts. */
  giveUpAt(atMs: number, nowMs: number): readonly CommitEffect[] {
    this.#patienceUntilMs = Math.min(this.#patienceUntilMs, atMs);
    if (this.#flight?.retryAtMs !== undefined) this.#flight.retryAtMs = nowMs;
    return this.hurry(nowMs);
  }

  flushed(bytes: number, nowMs: number): readonly CommitEffect[] {
    if (this.#broken) return [];
    assert(this.#flight !== undefined, 'a flush ended that was never begun');
    const { ticket } = this.#flight;
    this.#flight = undefined;
    this.#positionBytes += bytes;
    return [{ type: 'durable', ticket }, ...this.tick(nowMs)];
  }

  /** `mayPass`: the disk is full, the quota reached: it can get better. */
  failed(why: string, mayPass: boolean, nowMs: number): readonly CommitEffect[] {
    if (this.#broken) return [];
    assert(this.#flight !== undefined, 'a flush failed that was never begun');
    this.#lastProblem = why;
    if (!mayPass || nowMs >= this.#deadlineOf(this.#flight)) return this.#break();
    this.#flight.retryAtMs = nowMs + this.#policy.retryMs;
    return [{ type: 'stuck', why }, this.#wake(this.#flight)];
  }

  #break(): readonly CommitEffect[] {
    this.#broken = true;
    return [{ type: 'broken', why: this.#lastProblem }];
  }

  #deadlineOf({ sinceMs }: Flight): number {
    return Math.min(this.#patienceUntilMs, sinceMs + (this.#policy.stuckMaxMs ?? Number.POSITIVE_INFINITY));
  }

  #putOff(flight: Flight, byMs: number): void {
    this.#patienceUntilMs += byMs;
    flight.sinceMs += byMs;
  }

  #flush(nowMs: number): readonly CommitEffect[] {
    const text = this.#gathered;
    this.#writtenAtMs = nowMs;
    this.#flight = { text, ticket: this.#tickets, sinceMs: nowMs, retryAtMs: undefined };
    this.#gathered = [];
    this.#gatheredBytes = 0;
    return [{ type: 'flush', text, positionBytes: this.#positionBytes }, ...this.#wakeAtDeadline(this.#flight)];
  }

  /** A flush that waits for its next try gets it; one that the disk holds is waited for until patience is over. */
  #wait(flight: Flight, nowMs: number): readonly CommitEffect[] {
    if (flight.retryAtMs === undefined) {
      const overMs = nowMs - this.#deadlineOf(flight);
      if (overMs > lateMs && this.#moreTimes++ < moreTimesMax) this.#putOff(flight, overMs + moreMs);
      else if (overMs >= 0) return this.#break();
      return this.#wakeAtDeadline(flight);
    }
    if (flight.retryAtMs > nowMs) return [this.#wake(flight)];
    flight.retryAtMs = undefined;
    const again: CommitEffect = { type: 'flush', text: flight.text, positionBytes: this.#positionBytes };
    return [again, ...this.#wakeAtDeadline(flight)];
  }

  #wake(flight: Flight): CommitEffect {
    return { type: 'wake', atMs: flight.retryAtMs ?? this.#deadlineOf(flight) };
  }

  #wakeAtDeadline(flight: Flight): readonly CommitEffect[] {
    return this.#deadlineOf(flight) === Number.POSITIVE_INFINITY ? [] : [this.#wake(flight)];
  }
}
