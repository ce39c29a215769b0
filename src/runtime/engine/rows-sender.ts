import { encodeRows, rowsOverheadBytes } from '../../core/engine/rows-message.ts';
import { partOfBlock } from '../../core/journal/part-of-block.ts';
import type { CampaignServer } from './campaign-server.ts';
import type { Delivery } from './engine.ts';
import type { Patience } from './patience.ts';
import { ServerTrouble } from './server-trouble.ts';

export interface RowsSenderParts {
  readonly server: CampaignServer;
  readonly patience: Patience;
  readonly token: string;
  /** Called when their rows are in the log. */
  readonly onStored: (delivery: Delivery) => void;
  readonly warn: (message: string) => void;
  /** Takes on what goes on in the background: an error that nobody heard of would leave jobs unrecorded for ever. */
  readonly guard: (work: Promise<void>) => void;
}

const messageBytesMax = 4_194_304;
const waitingBytesMax = 4 * messageBytesMax;
/** For the names and sequences around a message. */
const headroomBytes = 4_096;

/** Sends what was settled here to the log, in order, one message after the other. */
export class RowsSender {
  readonly #parts: RowsSenderParts;
  #waiting: Delivery[] = [];
  #waitingBytes = 0;
  /** The last message that was sent, by its sequence; `undefined`: it is to be looked up. */
  #after: number | undefined = 0;
  /** How often the connection had broken when the log was last seen to end with that message. */
  #knownAtBreak: number;
  #sent = 0;
  #sending: Promise<void> | undefined;

  constructor(parts: RowsSenderParts) {
    this.#parts = parts;
    this.#knownAtBreak = parts.server.breaks;
  }

  send(delivery: Delivery): void {
    this.#waiting.push(delivery);
    this.#waitingBytes += delivery.body.length;
    if (this.#sending !== undefined) return;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    this.#parts.guard(this.#sending);
  }

  /** Whether so much waits that whoever has more should wait, too. */
  get isFull(): boolean {
    return this.#waitingBytes > waitingBytesMax;
  }

  /**
   * Throws `ServerTrouble` where the log lost rows that were sent. It can have when the server was away meanwhile: one whose
   * power failed forgets the last seconds, and the next message gets a number that was given before.
   */
  async verify(): Promise<void> {
    const { server, token } = this.#parts;
    const { breaks } = server;
    if (breaks === this.#knownAtBreak || this.#after === undefined) return;
    const { seq = 0 } = (await server.log.lastOf(server.log.names.rows(token))) ?? {};
    if (seq < this.#after) throw new ServerTrouble('its log is not the one it was', true);
    this.#knownAtBreak = breaks;
  }

  /** The log is another one. */
  forget(): void {
    this.#after = undefined;
  }

  /** Ends when nothing waits any more; throws what `Patience` throws. */
  async settle(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { log } = this.#parts.server;
    // Once around the loop of events: what comes together goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#cutBatch();
      for (let epoch = -1; epoch !== log.epoch; ) {
        epoch = log.epoch;
        await this.#sendBatch(batch);
      }
      for (const delivery of batch) this.#parts.onStored(delivery);
    }
  }

  get #bytesMax(): number {
    return Math.min(messageBytesMax, this.#parts.server.log.bytesMax - headroomBytes);
  }

  /** The first ones, as many as fit into one message and belong to one session. */
  #cutBatch(): readonly Delivery[] {
    const [first] = this.#waiting;
    if (first === undefined) throw new Error('Internal error: nothing to send');
    let count = 0;
    let bytes = rowsOverheadBytes(first);
    for (const { sessionJson, headerJson, body } of this.#waiting) {
      bytes += body.length + 1;
      const fits = bytes <= this.#bytesMax && sessionJson === first.sessionJson && headerJson === first.headerJson;
      if (count > 0 && !fits) break;
      count++;
    }
    const batch = this.#waiting.splice(0, count);
    for (const { body } of batch) this.#waitingBytes -= body.length;
    return batch;
  }

  async #sendBatch(batch: readonly Delivery[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const { headerJson, sessionJson } = first;
    const bytes = encodeRows({ headerJson, sessionJson, bodies: batch.map(({ body }) => body) });
    if (bytes.length <= this.#bytesMax) await this.#append(bytes);
    else
      for (const part of this.#split(first))
        await this.#append(encodeRows({ headerJson, sessionJson, bodies: [part] }));
  }

  /** One body that is too long for a message: a block is cut in two until it fits, one job's rows stay on this machine. */
  #split(delivery: Delivery): readonly Uint8Array[] {
    const { jobs, body, failed } = delivery;
    const room = this.#bytesMax - rowsOverheadBytes(delivery) - 1;
    if (body.length <= room) return [body];
    if (jobs.length === 1 || failed) {
      this.#parts.warn(
        `the result of job ${jobs[0]} is too long for the server: it stays in the journal here; merge this folder, too`,
      );
      return [encoder.encode(JSON.stringify({ type: 'kept', jobs, bytes: body.length }))];
    }
    const text = new TextDecoder().decode(body);
    const half = jobs.length >> 1;
    return [jobs.slice(0, half), jobs.slice(half)].flatMap((part) => {
      const wanted = new Set<number>(part);
      return this.#split({
        ...delivery,
        jobs: part,
        body: encoder.encode(partOfBlock(text, (job) => wanted.has(job))),
      });
    });
  }

  /** Ends when they are in the log, or when another log has come meanwhile: then all is sent again. */
  async #append(bytes: Uint8Array): Promise<void> {
    const { log } = this.#parts.server;
    const id = `${this.#parts.token}-rows-${++this.#sent}`;
    const { epoch } = log;
    const subject = log.names.rows(this.#parts.token);
    while (epoch === log.epoch) {
      const after = this.#after ?? (await this.#lookUp(subject, 0));
      const result = await this.#inEpoch(epoch, () => log.append(subject, bytes, after, id));
      if (result === undefined) return;
      if (result.kind === 'too-long') throw new Error('Internal error: a message longer than the server takes');
      if (result.kind === 'appended') {
        this.#after = result.seq;
        return;
      }
      // Nobody else writes here: an answer was lost, or the log is not the one it was.
      await this.#lookUp(subject, after);
    }
  }

  async #lookUp(subject: string, least: number): Promise<number> {
    const { log } = this.#parts.server;
    const seq = await this.#inEpoch(log.epoch, async () => {
      const last = (await log.lastOf(subject))?.seq ?? 0;
      if (last < least) throw new ServerTrouble('its log is not the one it was', true);
      return last;
    });
    if (seq !== undefined) this.#after = seq;
    return seq ?? 0;
  }

  /** `undefined`: another log has come while the server was waited for. */
  async #inEpoch<Value>(epoch: number, act: () => Promise<Value>): Promise<Value | undefined> {
    const { server, patience } = this.#parts;
    const value = await patience.insist(async () => (epoch === server.log.epoch ? act() : undefined));
    return epoch === server.log.epoch ? value : undefined;
  }
}

const encoder = new TextEncoder();
