import { SuppliedQueue } from '../../core/dispatch/supplied-queue.ts';
import { escapeText } from '../../core/escape-text.ts';
import type { JobIndex } from '../../core/ids.ts';
import { LastLines } from '../../core/journal/last-lines.ts';
import { encodeHeader, type JournalSession } from '../../core/journal/record.ts';
import type { SettledPart } from '../../core/journal/settled.ts';
import type { Block, FailedOutcome } from '../../core/outcome.ts';
import type { DispatcherEnd } from '../../runtime/dispatcher.ts';
import type { Engine } from '../../runtime/engine/engine.ts';
import { describeHeader } from '../session.ts';
import type { SessionEnd, ShareRequest } from '../share-request.ts';
import { Deliveries } from './deliveries.ts';

/** What the feed needs of the session. */
export interface Fed {
  /** Settled before this session. */
  isSettled(job: JobIndex): boolean;
  /** All that is in the journal and counts. */
  recorded(): Iterable<SettledPart>;
  /** The queue has changed. */
  lookAgain(): void;
  warn(message: string): void;
  othersSettled(jobs: number, failed: number): void;
}

/** Joins a session to an engine: its jobs go to the queue, outcomes to it. */
export class EngineFeed {
  readonly queue: SuppliedQueue = new SuppliedQueue();
  readonly engine: Engine;
  readonly #cores: number;
  readonly #deliveries: Deliveries;
  /** Settled in this session. */
  readonly #settled = new LastLines();
  #left = 0;

  constructor(engine: Engine, request: ShareRequest) {
    this.engine = engine;
    this.#cores = request.cores;
    this.#deliveries = new Deliveries(request.prepared, encodeHeader(describeHeader(request, 0)));
  }

  /** Jobs that were left in the whole campaign at the end. */
  get left(): number {
    return this.#left;
  }

  start({ isSettled, recorded, lookAgain, warn, othersSettled }: Fed): void {
    const { queue } = this;
    this.engine.start({
      cores: this.#cores,
      isSettledHere: (job) => isSettled(job) || this.#settled.has(job),
      recorded: () => this.#recorded(recorded()),
      supply: (jobs) => {
        queue.supply(jobs);
        lookAgain();
      },
      withdraw: (jobs) => queue.withdraw(jobs),
      close: () => {
        queue.close();
        lookAgain();
      },
      // It may hold what a server said.
      warn: (message) => warn(escapeText(message)),
      othersSettled,
    });
  }

  take(blocks: readonly Block[], failures: readonly FailedOutcome[], session: JournalSession): void {
    for (const block of blocks) {
      for (const job of block.jobs) this.#settled.set(job, 1);
      this.engine.take(this.#deliveries.ofBlock(block, session));
    }
    for (const failure of failures) {
      this.#settled.set(failure.job, 1);
      this.engine.take(this.#deliveries.ofFailure(failure, session));
    }
  }

  /** The run begins nothing new. */
  stopTaking(): void {
    this.engine.stopTaking();
  }

  /** Whatever ended the session here: the others are to know what was done and what was not. */
  async end(end: DispatcherEnd): Promise<SessionEnd> {
    const { total, settled, why } = await this.engine.end();
    this.#left = total - settled;
    return end.reason === 'complete' && why !== undefined ? { reason: 'left-campaign', why } : end;
  }

  *#recorded(parts: Iterable<SettledPart>) {
    for (const part of parts) yield* this.#deliveries.ofPart(part);
  }
}
