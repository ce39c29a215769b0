import type { Dispatch } from '../../src/core/dispatch/dispatch.ts';
import type { DispatchPolicy } from '../../src/core/dispatch/policy.ts';
import type { JobQueue } from '../../src/core/dispatch/queue.ts';
import type { GroupCommit } from '../../src/core/journal/commit.ts';
import type { JournalSink } from '../../src/runtime/ports.ts';
import type { SessionParts } from './session.ts';

/** A bug built in on purpose, to see whether the simulation finds it: parts of the program replaced by wrong ones. */
export interface PlantedBug {
  readonly dispatch?: typeof Dispatch;
  readonly queue?: typeof JobQueue;
  readonly commit?: typeof GroupCommit;
  readonly policy?: (policy: DispatchPolicy) => DispatchPolicy;
  readonly sink?: (sink: JournalSink, parts: SessionParts) => JournalSink;
  /** A worker runs what it has given back. */
  readonly keepsRecalled?: boolean;
  /** A worker gives back what it is running. */
  readonly recallsBegun?: boolean;
  readonly killsNothing?: boolean;
  readonly forgetsSettled?: boolean;
  readonly forgetsAttempts?: boolean;
  readonly reusesSeq?: boolean;
  readonly keepsTornTail?: boolean;
  readonly opensWithoutRewrite?: boolean;
  readonly opensWithoutSync?: boolean;
  readonly overlapsShares?: boolean;
}

export const noBug: PlantedBug = {};
