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
  #after = 0;
  #sent = 0;
  #sending: Promise<void> | undefined;

  constructor(parts: RowsSenderParts) {
    this.#parts = parts;
  }

  send(delivery: Delivery): void {
    this.#waiting.push(delivery);
    this.#waitingBytes += delivery.body.length;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    // Whoever waits for the end hears of it there.
    this.#sending.catch(() => undefined);
  }

  /** Whether so much waits that whoever has more should wait, too. */
  get isFull(): boolean {
    return this.#waitingBytes > waitingBytesMax;
  }

  /** Ends when nothing waits any more; throws what `Patience` throws. */
  async settle(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  async #sendAll(): Promise<void> {
    // Once around the loop of events: what comes together goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#cutBatch();
      await this.#sendBatch(batch);
      for (const delivery of batch) this.#parts.onStored(delivery);
    }
  }

  get #bytesMax(): number {
    return Math.min(messageBytesMax, this.#parts.server.bytesMax - headroomBytes);
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

  async #append(bytes: Uint8Array): Promise<void> {
    const { server, patience, token } = this.#parts;
    const id = `${token}-rows-${++this.#sent}`;
    const subject = server.names.rows(token);
    for (;;) {
      const result = await patience.insist(() => server.append(subject, bytes, this.#after, id));
      if (result.kind === 'too-long') throw new Error('Internal error: a message longer than the server takes');
      if (result.kind === 'appended') {
        this.#after = result.seq;
        return;
      }
      // Nobody else writes here: an answer was lost, or the log is not the one it was.
      this.#after = await patience.insist(async () => {
        const seq = (await server.lastOf(subject))?.seq ?? 0;
        if (seq >= this.#after) return seq;
        this.#after = seq;
        throw new ServerTrouble('its log is not the one it was', true);
      });
    }
  }
}

const encoder = new TextEncoder();
