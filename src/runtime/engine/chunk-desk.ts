import type { CampaignView } from '../../core/engine/campaign-view.ts';
import { type Holder, runsAlone } from '../../core/engine/chunk-record.ts';
import type { Chunks } from '../../core/engine/chunks.ts';
import { HeldChunk } from '../../core/engine/held-chunk.ts';
import type { Places } from '../../core/engine/places.ts';
import { type JobIndex, jobIndex } from '../../core/ids.ts';
import type { JobOrder } from '../../core/order.ts';
import type { CampaignServer } from './campaign-server.ts';
import type { Delivery, EngineRun } from './engine.ts';
import type { Patience } from './patience.ts';
import { type ChunkMessage, type Claim, RecordKeeper } from './record-keeper.ts';

export interface ChunkDeskParts {
  readonly server: CampaignServer;
  readonly patience: Patience;
  readonly me: Holder;
  readonly view: CampaignView;
  readonly chunks: Chunks;
  readonly order: JobOrder;
  readonly places: Places;
  readonly run: EngineRun;
  /** Throws `ServerTrouble` where rows that were sent from here are not in the log any more. */
  readonly verifyRows: () => Promise<void>;
  /** Takes on what goes on in the background. */
  readonly guard: (work: Promise<void>) => void;
}

/** The chunks that this machine has to do with: supplies their jobs, records what is done, hands them on. */
export class ChunkDesk {
  readonly keeper: RecordKeeper;
  readonly #parts: ChunkDeskParts;
  readonly #held = new Map<number, HeldChunk>();
  readonly #messages = new Map<number, ChunkMessage>();
  /** Of these, rows are in the log that no record speaks of yet. */
  readonly #unsettled = new Set<HeldChunk>();
  /** How many jobs the last chunk had. */
  chunkJobs = 1;
  #isTaking = true;

  constructor(parts: ChunkDeskParts) {
    this.#parts = parts;
    this.keeper = new RecordKeeper({ ...parts, onFenced: (held) => this.#fenced(held) });
  }

  holds(chunk: number): boolean {
    return this.#held.get(chunk)?.isHeld === true;
  }

  /** Jobs that were supplied and whose rows are not in the log. */
  get outstanding(): number {
    let count = 0;
    for (const { inHand } of this.#held.values()) count += inHand.count;
    return count;
  }

  /** Whether a chunk is held of which no job runs, is done or waits to be recorded: something was lost on its way. */
  get isStuck(): boolean {
    return [...this.#held.values()].some((held) => held.isHeld && held.isIdle && !held.isDone);
  }

  /** Takes a chunk for this machine, if it is to be had. `message`: what the queue said of it. */
  async take(chunk: number, mayBeSilent: boolean, message?: ChunkMessage): Promise<Claim['kind']> {
    if (message !== undefined) this.#messages.set(chunk, message);
    const held = this.#heldOf(chunk);
    if (held.isHeld && !held.isDone) return 'held';
    const { kind } = await this.keeper.claim(held, mayBeSilent);
    if (kind === 'held') this.#begin(held);
    else if (kind === 'done') this.#drop(held);
    else {
      this.#messages.delete(chunk);
      this.#forgetIfIdle(held);
    }
    return kind;
  }

  /** Tells the queue that this machine is at work. */
  sayWorking(): void {
    for (const message of this.#messages.values()) message.working();
  }

  /** Outcomes of which the rows are in the log. */
  stored({ jobs, failed }: Delivery): void {
    const { places, chunks } = this.#parts;
    let range = { from: 0, to: 0 };
    let held: HeldChunk | undefined;
    for (const job of jobs) {
      const place = places.of(job);
      // Mostly the same chunk as before.
      if (held === undefined || place < range.from || place >= range.to) {
        const chunk = chunks.chunkAt(place);
        range = chunks.rangeOf(chunk);
        held = this.#heldOf(chunk);
        this.#unsettled.add(held);
      }
      held.store(place - range.from, failed);
    }
    for (const one of this.#unsettled) if (one.inHand.count === 0) this.#settle(one);
  }

  /** Records what is done of chunks that go on. */
  settleAll(): void {
    for (const held of this.#unsettled) this.#settle(held);
  }

  /** Begins nothing new. Chunks of which nothing runs are given back at once, others when the end comes. */
  stopTaking(): void {
    this.#isTaking = false;
    for (const held of this.#held.values()) if (held.isHeld) this.#giveBack(held);
  }

  /** Records and gives back everything. */
  async leave(): Promise<void> {
    this.#isTaking = false;
    const all = [...this.#held.values()];
    await Promise.all(all.map((held) => this.keeper.settle(held)));
    const open = all.filter((held) => held.isHeld && !held.isDone);
    await Promise.all(open.map((held) => this.keeper.release(held)));
    for (const [chunk, message] of this.#messages) {
      if (this.#held.get(chunk)?.isDone === true) message.ack();
      else message.nak();
    }
  }

  /** The log is empty: nothing is held, nothing is known, until `claimAgain`. */
  forget(): void {
    for (const held of this.#held.values()) held.forget();
    this.#unsettled.clear();
    this.#messages.clear();
  }

  /** Claims what is still in hand. */
  async claimAgain(): Promise<void> {
    for (const held of [...this.#held.values()]) {
      if (held.inHand.count === 0) continue;
      if ((await this.keeper.claim(held, true)).kind === 'held') held.isHeld = true;
    }
  }

  #begin(held: HeldChunk): void {
    held.isHeld = true;
    this.chunkJobs = held.jobs.length;
    if (this.#isTaking) this.#parts.guard(this.#supply(held));
    else this.#giveBack(held);
  }

  /** What of a chunk is to run now. */
  async #supply(held: HeldChunk): Promise<void> {
    const { run } = this.#parts;
    const next = held.next((job) => run.isSettledHere(job));
    const [first] = next;
    if (first === undefined) return;
    const isAlone = held.known !== undefined && runsAlone(held.known.record);
    // Meanwhile somebody else here may have supplied it.
    if (isAlone && (!(await this.keeper.sayAlone(held, first)) || !held.isIdle)) return;
    for (const at of next) held.inHand.add(at);
    run.supply(jobsAt(held, next));
  }

  #settle(held: HeldChunk): void {
    this.#unsettled.delete(held);
    this.#parts.guard(this.#settleNow(held));
  }

  async #settleNow(held: HeldChunk): Promise<void> {
    await this.keeper.settle(held);
    if (held.isDone) this.#drop(held);
    else if (held.isHeld && held.isIdle && this.#isTaking) await this.#supply(held);
    else this.#forgetIfIdle(held);
  }

  /** Another machine holds the chunk now: what has not begun here is left to it. */
  #fenced(held: HeldChunk): void {
    held.isHeld = false;
    this.#messages.delete(held.chunk);
    this.#withdraw(held);
  }

  #withdraw(held: HeldChunk): void {
    if (held.inHand.count === 0) return;
    const { run, places, chunks } = this.#parts;
    const back = run.withdraw(new Set(jobsAt(held, held.inHand)));
    const { from } = chunks.rangeOf(held.chunk);
    for (const job of back) held.inHand.delete(places.of(job) - from);
  }

  #giveBack(held: HeldChunk): void {
    this.#withdraw(held);
    if (!held.isIdle) return;
    const release = async (): Promise<void> => {
      await this.keeper.release(held);
      held.isHeld = false;
      this.#messages.get(held.chunk)?.nak();
      this.#messages.delete(held.chunk);
      this.#forgetIfIdle(held);
    };
    this.#parts.guard(release());
  }

  #drop(held: HeldChunk): void {
    held.isHeld = false;
    this.#messages.get(held.chunk)?.ack();
    this.#messages.delete(held.chunk);
    this.#withdraw(held);
    this.#forgetIfIdle(held);
  }

  #forgetIfIdle(held: HeldChunk): void {
    if (!held.isHeld && held.isIdle) this.#held.delete(held.chunk);
  }

  #heldOf(chunk: number): HeldChunk {
    const known = this.#held.get(chunk);
    if (known !== undefined) return known;
    const { chunks, order } = this.#parts;
    const { from, to } = chunks.rangeOf(chunk);
    const jobs = Array.from({ length: to - from }, (_, at) => jobIndex(order.at(from + at) ?? 0));
    const held = new HeldChunk(chunk, jobs);
    this.#held.set(chunk, held);
    return held;
  }
}

function jobsAt({ jobs }: HeldChunk, places: Iterable<number>): readonly JobIndex[] {
  return Array.from(places, (at) => jobs[at] ?? jobIndex(0));
}
