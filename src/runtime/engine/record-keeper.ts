import type { JsMsg } from '@nats-io/jetstream';
import type { CampaignView } from '../../core/engine/campaign-view.ts';
import {
  addDone,
  type ChunkRecord,
  claim,
  decodeChunkRecord,
  emptyRecord,
  encodeChunkRecord,
  type Holder,
  release,
} from '../../core/engine/chunk-record.ts';
import type { HeldChunk, Known } from '../../core/engine/held-chunk.ts';
import type { Append } from './campaign-log.ts';
import type { CampaignServer, Sign } from './campaign-server.ts';
import type { Patience } from './patience.ts';
import { ServerTrouble } from './server-trouble.ts';

export interface RecordKeeperParts {
  readonly server: CampaignServer;
  readonly patience: Patience;
  readonly me: Holder;
  readonly view: CampaignView;
  /** Throws `ServerTrouble` where rows that were sent from here are not in the log any more. */
  readonly verifyRows: () => Promise<void>;
  /** Called when somebody else has come to hold a chunk of this machine. */
  readonly onFenced: (held: HeldChunk) => void;
}

export type Claim =
  | { readonly kind: 'held' }
  | { readonly kind: 'done' }
  /** Its holder lives, or may live. */
  | { readonly kind: 'taken' };

/** Appends to the log what is to be said of chunks. What others appended meanwhile is read, never overwritten. */
export class RecordKeeper {
  readonly #parts: RecordKeeperParts;
  /** Of each chunk one thing at a time. */
  readonly #last = new Map<HeldChunk, Promise<unknown>>();
  #appended = 0;

  constructor(parts: RecordKeeperParts) {
    this.#parts = parts;
  }

  /** Takes a chunk, unless it is done or another machine holds it that is not surely gone. `mayBeSilent`: silence counts as gone. */
  claim(held: HeldChunk, mayBeSilent: boolean): Promise<Claim> {
    return this.#inTurn(held, async () => {
      for (;;) {
        const known = this.#knownOf(held) ?? (await this.#guess(held));
        if (known.record.done.isFull) return { kind: 'done' };
        const { holder } = known.record;
        if (holder !== undefined && holder.token !== this.#parts.me.token && (await this.#lives(holder, mayBeSilent))) {
          return { kind: 'taken' };
        }
        if (await this.#append(held, known, claim(known.record, this.#parts.me))) return { kind: 'held' };
        await this.#readLast(held);
      }
    });
  }

  /** Says that the jobs are done whose rows are in the log, whoever holds the chunk. */
  settle(held: HeldChunk): Promise<void> {
    return this.#inTurn(held, async () => {
      while (held.stored.count > 0) {
        const known = this.#knownOf(held) ?? (await this.#readLast(held));
        const next = addDone(known.record, this.#parts.me, held.stored, (at) => held.failed.has(at));
        if (next === undefined) held.learn(known);
        else if (!(await this.#append(held, known, next, this.#parts.verifyRows))) await this.#readLast(held);
      }
    });
  }

  /** Says which job is the only one in hand. Returns whether the chunk is still this machine's. */
  sayAlone(held: HeldChunk, at: number): Promise<boolean> {
    return this.#inTurn(held, async () => {
      for (;;) {
        const known = this.#knownOf(held) ?? (await this.#readLast(held));
        if (!held.isHeldBy(this.#parts.me)) return false;
        if (await this.#append(held, known, { ...known.record, by: this.#parts.me, alone: at })) return true;
        await this.#readLast(held);
      }
    });
  }

  /** Gives the chunk back, if it is still this machine's. */
  release(held: HeldChunk): Promise<void> {
    return this.#inTurn(held, async () => {
      for (;;) {
        const known = this.#knownOf(held) ?? (await this.#readLast(held));
        if (!held.isHeldBy(this.#parts.me) || known.record.done.isFull) return;
        if (await this.#append(held, known, release(known.record, this.#parts.me))) return;
        await this.#readLast(held);
      }
    });
  }

  async #lives({ token }: Holder, mayBeSilent: boolean): Promise<boolean> {
    const sign: Sign = (await this.#parts.server.ask(token)).sign;
    return sign === 'alive' || (sign === 'silent' && !mayBeSilent);
  }

  /** Most chunks are claimed by nobody before: that is tried without asking. */
  async #guess(held: HeldChunk): Promise<Known> {
    const { view, me } = this.#parts;
    if (view.recordOf(held.chunk) !== undefined) return this.#readLast(held);
    return { record: emptyRecord(me, held.jobs.length), seq: 0, epoch: this.#parts.server.log.epoch };
  }

  /** What was known of another log is not known of this one. */
  #knownOf({ known }: HeldChunk): Known | undefined {
    return known?.epoch === this.#parts.server.log.epoch ? known : undefined;
  }

  async #readLast(held: HeldChunk): Promise<Known> {
    const { server, patience, me, view } = this.#parts;
    const { log } = server;
    const size = held.jobs.length;
    const { last, epoch } = await patience.insist(async () => {
      const before = { epoch: log.epoch, seq: this.#knownOf(held)?.seq ?? 0 };
      const found = await log.lastOf(log.names.chunk(held.chunk));
      if ((found?.seq ?? 0) < before.seq) throw new ServerTrouble('its log is not the one it was', true);
      return { last: found, epoch: before.epoch };
    });
    const record = last && decodeChunkRecord(new TextDecoder().decode(last.bytes), size);
    if (last !== undefined && record === undefined) {
      throw new Error(`Internal error: the log holds what is no record of chunk ${held.chunk}`);
    }
    if (epoch !== log.epoch) return this.#readLast(held);
    const known = { record: record ?? emptyRecord(me, size), seq: last?.seq ?? 0, epoch };
    held.learn(known);
    if (record !== undefined) view.learn(held.chunk, record);
    if (held.isHeld && !held.isHeldBy(me)) this.#parts.onFenced(held);
    return known;
  }

  /** Appends what follows from `known`. Returns whether the log is still the one in which that was known, and took it. */
  async #append(
    held: HeldChunk,
    { seq, epoch }: Known,
    record: ChunkRecord,
    verify: () => Promise<void> = async () => undefined,
  ): Promise<boolean> {
    const { me, patience, server, view } = this.#parts;
    const { log } = server;
    const id = `${me.token}-chunk-${++this.#appended}`;
    const result = await patience.insist(async (): Promise<Append> => {
      await verify();
      if (epoch !== log.epoch) return { kind: 'conflict' };
      return log.append(log.names.chunk(held.chunk), encodeChunkRecord(record), seq, id);
    });
    if (result.kind !== 'appended' || epoch !== log.epoch) return false;
    held.learn({ record, seq: result.seq, epoch });
    view.learn(held.chunk, record);
    return true;
  }

  #inTurn<Value>(held: HeldChunk, act: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(held) ?? Promise.resolve();
    const now = before.then(act, act);
    const quiet = now
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(held) === quiet) this.#last.delete(held);
      });
    this.#last.set(held, quiet);
    return now;
  }
}

export type ChunkMessage = Pick<JsMsg, 'subject' | 'ack' | 'nak' | 'working' | 'redelivered'>;
