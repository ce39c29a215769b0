import { randomBytes } from 'node:crypto';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { type CampaignNames, type LogId, type LogNames, logId } from '../../core/engine/campaign-names.ts';
import { durably } from './durably.ts';
import { NameInUse, requestMs, type ServerCalls, WrongSequence } from './server-calls.ts';
import { ServerTrouble } from './server-trouble.ts';

/** A message of the log. */
export interface LogMessage {
  readonly subject: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly id: string;
}

export type Append =
  | { readonly kind: 'appended'; readonly seq: number }
  /** Another message is the subject's last one. */
  | { readonly kind: 'conflict' }
  /** Longer than the server takes. */
  | { readonly kind: 'too-long' };

const idHeader = 'Nats-Msg-Id';
const fetchMax = 500;
const fetchMs = 5_000;
/** A forgotten reader is forgotten by the server, too. */
const readerMs = 30_000;
const beginTries = 5;

/** The log of a campaign: all that was ever recorded of it. */
export class CampaignLog {
  readonly #calls: ServerCalls;
  readonly #campaign: CampaignNames;
  #names: LogNames | undefined;
  #epoch = 0;

  constructor(calls: ServerCalls, campaign: CampaignNames) {
    this.#calls = calls;
    this.#campaign = campaign;
  }

  /** The names in the log that is used. */
  get names(): LogNames {
    if (this.#names === undefined) throw new Error('Internal error: no log is used yet');
    return this.#names;
  }

  /** Changes whenever what was known of the log has to be thought anew. */
  get epoch(): number {
    return this.#epoch;
  }

  use(id: LogId): void {
    this.#names = this.#campaign.inLog(id);
    this.#epoch++;
  }

  /** `undefined`: no campaign of this name was begun here. */
  async find(): Promise<LogId | undefined> {
    const manager = await this.#calls.management();
    try {
      const { config } = await this.#calls.do(() => manager.streams.info(this.#campaign.logStream));
      return this.#campaign.logOf(config.subjects ?? []);
    } catch (error) {
      if (error instanceof ServerTrouble && error.isLost) return undefined;
      throw error;
    }
  }

  /** The log that is there; where none is, it is begun. */
  async findOrBegin(): Promise<LogId> {
    for (let tries = 0; tries < beginTries; tries++) {
      const found = (await this.find()) ?? (await this.#begin());
      if (found !== undefined) return found;
    }
    throw new ServerTrouble(`what it holds under the name ${this.#campaign.logStream} is no log of a campaign`, false);
  }

  /** `undefined`: another one was faster. */
  async #begin(): Promise<LogId | undefined> {
    const id = logId(randomBytes(6).toString('hex'));
    const subjects = [...this.#campaign.inLog(id).subjects];
    const manager = await this.#calls.management();
    try {
      await this.#calls.do(() => manager.streams.add({ ...durably, name: this.#campaign.logStream, subjects }));
      return id;
    } catch (error) {
      if (error instanceof NameInUse) return undefined;
      throw error;
    }
  }

  /** Appends where `after` is the last sequence of the subject (0: it has none). Repeating the same `id` is harmless. */
  async append(subject: string, bytes: Uint8Array | string, after: number, id: string): Promise<Append> {
    if (bytes.length > this.bytesMax) return { kind: 'too-long' };
    const expect = { lastSubjectSequence: after };
    try {
      const ack = await this.#calls.do(() =>
        this.#calls.js.publish(subject, bytes, { msgID: id, timeout: requestMs, expect }),
      );
      return { kind: 'appended', seq: ack.seq };
    } catch (error) {
      if (!(error instanceof WrongSequence)) throw error;
      // The answer to an earlier try may have been lost.
      const last = await this.lastOf(subject);
      return last?.id === id ? { kind: 'appended', seq: last.seq } : { kind: 'conflict' };
    }
  }

  /** What a log is about: this text where nobody was faster. `undefined`: it is another log by now. */
  async writeMeta(id: LogId, text: string): Promise<string | undefined> {
    const { meta } = this.#campaign.inLog(id);
    await this.append(meta, text, 0, `meta-${randomBytes(6).toString('hex')}`);
    const last = await this.lastOf(meta);
    return last && new TextDecoder().decode(last.bytes);
  }

  async lastOf(subject: string): Promise<LogMessage | undefined> {
    const manager = await this.#calls.management();
    const message = await this.#calls.do(() =>
      manager.streams.getMessage(this.#campaign.logStream, { last_by_subj: subject }),
    );
    if (message === null) return undefined;
    const { seq, data, header } = message;
    return { subject, seq, bytes: data, id: header?.get(idHeader) ?? '' };
  }

  /** Messages up to the log's end as it is now: all, or the last of each subject. */
  async *read(subject: string, which: 'all' | 'last'): AsyncGenerator<LogMessage> {
    const { logStream } = this.#campaign;
    const manager = await this.#calls.management();
    const { name, num_pending: total } = await this.#calls.do(() =>
      manager.consumers.add(logStream, {
        ack_policy: AckPolicy.None,
        deliver_policy: which === 'all' ? DeliverPolicy.All : DeliverPolicy.LastPerSubject,
        filter_subject: subject,
        inactive_threshold: nanos(readerMs),
      }),
    );
    const reader = await this.#calls.do(() => this.#calls.js.consumers.get(logStream, name));
    let read = 0;
    while (read < total) {
      const before = read;
      const batch = await this.#calls.do(() =>
        reader.fetch({ max_messages: Math.min(fetchMax, total - read), expires: fetchMs }),
      );
      for await (const { subject: about, seq, data, headers } of this.#calls.drain(batch, fetchMs)) {
        read++;
        yield { subject: about, seq, bytes: data, id: headers?.get(idHeader) ?? '' };
      }
      if (read === before) throw new ServerTrouble('the server sends nothing more of its log', false);
    }
    await manager.consumers.delete(logStream, name).catch(() => undefined);
  }

  /** Calls with each record of a chunk that any machine appends to this log, until the connection ends. */
  listen(onRecord: (chunk: number, bytes: Uint8Array) => void): void {
    this.#calls.connection.subscribe(this.#campaign.allChunks, {
      callback: (_, { subject, data }) => {
        const chunk = this.#names?.chunkOf(subject);
        if (chunk !== undefined) onRecord(chunk, data);
      },
    });
  }

  /** The longest message that the server takes. */
  get bytesMax(): number {
    return this.#calls.connection.info?.max_payload ?? 1_048_576;
  }
}
