import { setTimeout as wait } from 'node:timers/promises';
import { chunkOfSubject } from '../../core/engine/campaign-names.ts';
import type { CampaignView } from '../../core/engine/campaign-view.ts';
import type { Demand } from '../../core/engine/demand.ts';
import type { CampaignServer } from './campaign-server.ts';
import type { ChunkDesk } from './chunk-desk.ts';
import type { Patience } from './patience.ts';
import type { ChunkMessage } from './record-keeper.ts';

export interface PullerParts {
  readonly server: CampaignServer;
  readonly patience: Patience;
  readonly view: CampaignView;
  readonly desk: ChunkDesk;
  readonly demand: Demand;
  readonly chunkCount: number;
  readonly leaseMs: number;
  /** Throws `ServerTrouble` where rows that were sent from here are not in the log any more. */
  readonly verifyRows: () => Promise<void>;
  /** Reads what the log says last of all chunks. */
  readonly readAll: () => Promise<void>;
  /** Hands in what the journal here holds and the log does not know. */
  readonly handIn: () => Promise<void>;
}

/** At most so many chunks are asked for at once. */
const fetchMax = 64;
const lookMs = 50;
/** An idle machine looks this often for chunks that nobody holds any more. */
const scanMs = 2_000;

/** The loop that takes chunks: as many jobs as this machine can use, until none is left anywhere. */
export class Puller {
  readonly #parts: PullerParts;
  /** Chunks that nobody seems to compute, since when. */
  readonly #orphans = new Map<number, number>();
  #scannedAtMs = 0;
  #isTaking = true;
  #endFetch: () => void = () => undefined;

  constructor(parts: PullerParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#isTaking = false;
    this.#endFetch();
  }

  /** It may be that nothing is left: whoever waits for the queue is to look. */
  wake(): void {
    this.#endFetch();
  }

  /** Ends when no job is left anywhere, or after `stop`. Throws what `Patience` throws. */
  async run(): Promise<void> {
    const { desk, demand } = this.#parts;
    while (this.#isTaking && !(await this.#isOver())) {
      const wanted = demand.wanted(desk.outstanding);
      if (wanted === 0) await wait(lookMs);
      else {
        await this.#fetch(Math.ceil(wanted / desk.chunkJobs));
        // Also where chunks came: they may all be held by others, and come again for ever.
        await this.#lookAround();
      }
    }
  }

  /** What was heard is asked of the log before it is believed. */
  async #isOver(): Promise<boolean> {
    const { view, patience, readAll, verifyRows } = this.#parts;
    if (!view.isOver) return false;
    await patience.insist(async () => {
      await verifyRows();
      view.forget();
      await readAll();
    });
    return view.isOver;
  }

  async #fetch(count: number): Promise<void> {
    const { server, patience } = this.#parts;
    const taken: Promise<void>[] = [];
    await patience.insist(async () => {
      const onBegin = (stop: () => void): void => {
        this.#endFetch = stop;
      };
      for await (const message of server.queue.fetch(Math.min(count, fetchMax), onBegin)) {
        const accepted = this.#accept(message);
        // Heard of below, or, where the fetch itself ends in an error, by that.
        accepted.catch(() => undefined);
        taken.push(accepted);
      }
    });
    this.#endFetch = () => undefined;
    await Promise.all(taken);
  }

  async #accept(message: ChunkMessage): Promise<void> {
    const chunk = chunkOfSubject(message.subject);
    if (chunk === undefined || chunk >= this.#parts.chunkCount) return;
    // Whoever held it has said nothing for the whole time that he was given: then silence counts.
    const kind = await this.#parts.desk.take(chunk, message.redelivered, message);
    if (kind === 'taken') message.nak(this.#parts.leaseMs);
  }

  /** Nothing is in hand: the queue may have lost something, or a holder died. As fast as that can be known. */
  async #lookAround(): Promise<void> {
    const { desk, view, patience, readAll, handIn } = this.#parts;
    if (desk.outstanding > 0 || Date.now() - this.#scannedAtMs < scanMs) return;
    this.#scannedAtMs = Date.now();
    await patience.insist(readAll);
    if (desk.isStuck) await handIn();
    for (const [chunk, record] of [...view.open()]) {
      if (desk.outstanding > 0 || !this.#isTaking) return;
      if (!desk.holds(chunk)) await this.#lookAt(chunk, record?.holder !== undefined);
    }
  }

  async #lookAt(chunk: number, isHeld: boolean): Promise<void> {
    const sinceMs = this.#orphans.get(chunk) ?? Date.now();
    this.#orphans.set(chunk, sinceMs);
    const waitedMs = Date.now() - sinceMs;
    // One that nobody holds may be on its way to somebody.
    if (!isHeld && waitedMs < scanMs) return;
    const kind = await this.#parts.desk.take(chunk, waitedMs > this.#parts.leaseMs);
    if (kind !== 'taken') this.#orphans.delete(chunk);
  }
}
