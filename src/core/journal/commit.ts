import { assert } from '../assert.ts';

/*
 *            append                 interval over, or enough text          flushed
 *   quiet ───────────► gathering ───────────────────────────────► flushing ───────► quiet or gathering
 *                          ▲                                         │ failed, may pass (disk full)
 *                          └──────── waiting, then flush again ◄─────┘
 *                                                                    │ failed for good
 *                                                                    ▼ broken
 */

/** What group commit asks for. */
export type CommitEffect =
  /** Write the text at this position of the file and sync it; then tell `flushed` or `failed`. */
  | { readonly type: 'flush'; readonly text: string; readonly positionBytes: number }
  /** Everything up to this ticket is on disk. */
  | { readonly type: 'durable'; readonly ticket: number }
  | { readonly type: 'wake'; readonly atMs: number }
  /** The disk refuses for the time being: hand out no new jobs until `durable`. */
  | { readonly type: 'stuck'; readonly why: string }
  | { readonly type: 'broken'; readonly why: string };

export interface CommitPolicy {
  /** The longest time a line waits for company before it is written, at most 50. */
  readonly intervalMs: number;
  /** Text that is written without waiting for the interval. */
  readonly flushAtChars: number;
  /** Wait before a disk that was full is tried again. */
  readonly retryMs: number;
}

/**
 * Group commit: lines are gathered and written together with one sync. Every flush names its position in the file:
 * one that failed half-way is simply written again over the torn piece.
 */
export class GroupCommit {
  readonly #policy: CommitPolicy;
  #gathered: string[] = [];
  #gatheredChars = 0;
  #gatheringSinceMs = 0;
  #tickets = 0;
  #inFlight: { readonly text: string; readonly ticket: number; retryAtMs: number | undefined } | undefined;
  #positionBytes: number;
  #broken = false;

  constructor(policy: CommitPolicy, positionBytes: number) {
    this.#policy = policy;
    this.#positionBytes = positionBytes;
  }

  /** Nothing waits and nothing is being written. */
  get isQuiet(): boolean {
    return this.#inFlight === undefined && this.#gathered.length === 0;
  }

  /** Takes a line; the ticket comes back in `durable`. */
  append(line: string, nowMs: number): number {
    if (this.#gathered.length === 0) this.#gatheringSinceMs = nowMs;
    this.#gathered.push(line);
    this.#gatheredChars += line.length;
    return ++this.#tickets;
  }

  /** The time went on: writes what has waited long enough, or tries a full disk again. */
  tick(nowMs: number): readonly CommitEffect[] {
    if (this.#broken) return [];
    if (this.#inFlight !== undefined) return this.#retry(this.#inFlight, nowMs);
    if (this.#gathered.length === 0) return [];
    const dueMs = this.#gatheringSinceMs + this.#policy.intervalMs;
    if (dueMs > nowMs && this.#gatheredChars < this.#policy.flushAtChars) return [{ type: 'wake', atMs: dueMs }];
    return [this.#flush()];
  }

  /** Writes what is gathered without waiting; for the end of a run. */
  hurry(nowMs: number): readonly CommitEffect[] {
    this.#gatheringSinceMs = nowMs - this.#policy.intervalMs;
    return this.tick(nowMs);
  }

  flushed(bytes: number, nowMs: number): readonly CommitEffect[] {
    assert(this.#inFlight !== undefined, 'a flush ended that was never begun');
    const { ticket } = this.#inFlight;
    this.#inFlight = undefined;
    this.#positionBytes += bytes;
    return [{ type: 'durable', ticket }, ...this.tick(nowMs)];
  }

  /** `mayPass`: the disk is full, the quota reached: it can get better. */
  failed(why: string, mayPass: boolean, nowMs: number): readonly CommitEffect[] {
    assert(this.#inFlight !== undefined, 'a flush failed that was never begun');
    if (!mayPass) {
      this.#broken = true;
      return [{ type: 'broken', why }];
    }
    this.#inFlight.retryAtMs = nowMs + this.#policy.retryMs;
    return [
      { type: 'stuck', why },
      { type: 'wake', atMs: this.#inFlight.retryAtMs },
    ];
  }

  #flush(): CommitEffect {
    const text = this.#gathered.join('');
    this.#inFlight = { text, ticket: this.#tickets, retryAtMs: undefined };
    this.#gathered = [];
    this.#gatheredChars = 0;
    return { type: 'flush', text, positionBytes: this.#positionBytes };
  }

  #retry(flight: { readonly text: string; retryAtMs: number | undefined }, nowMs: number): readonly CommitEffect[] {
    if (flight.retryAtMs === undefined) return [];
    if (flight.retryAtMs > nowMs) return [{ type: 'wake', atMs: flight.retryAtMs }];
    flight.retryAtMs = undefined;
    return [{ type: 'flush', text: flight.text, positionBytes: this.#positionBytes }];
  }
}
