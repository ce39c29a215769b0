import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { errors, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { CampaignNames } from '../../core/engine/campaign.ts';
import { LineWatch } from './line-watch.ts';
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

/** Whether somebody holds the other end of a start's token. */
export type Sign = 'alive' | 'dead' | 'silent';

const wrongLastSequence = 10_071;
const notThere: readonly number[] = [10_059, 10_014];
const idHeader = 'Nats-Msg-Id';
const requestMs = 3_000;
const aliveMs = 1_500;
const fetchMax = 500;
/** A forgotten reader is forgotten by the server, too. */
const readerMs = 30_000;

/** Limits retention: a work queue lost its bookkeeping when a server (2.9.10) was killed. Full means refused, not forgotten. */
const durably = { retention: RetentionPolicy.Limits, storage: StorageType.File, discard: DiscardPolicy.New };

/** Everything that is said to the server about one campaign. All of it ends in bounded time: with a value or `ServerTrouble`. */
export class CampaignServer {
  readonly names: CampaignNames;
  readonly #connection: NatsConnection;
  readonly #js: JetStreamClient;
  #manager: JetStreamManager | undefined;
  #consumer: Consumer | undefined;
  readonly #line: LineWatch;

  constructor(connection: NatsConnection, names: CampaignNames) {
    this.#connection = connection;
    this.names = names;
    this.#js = jetstream(connection, { timeout: requestMs });
    this.#line = new LineWatch(connection);
  }

  /** The longest message that the server takes. */
  get bytesMax(): number {
    return this.#connection.info?.max_payload ?? 1_048_576;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** The log, where it is not there yet. */
  async prepareLog(): Promise<void> {
    const { logStream, logSubjects } = this.names;
    const manager = await this.#management();
    await this.#do(() => manager.streams.add({ ...durably, name: logStream, subjects: [...logSubjects] }));
  }

  /** The queue, where it is not there yet. `leaseMs`: a chunk of which nothing is heard for so long is handed out again. */
  async prepareQueue(leaseMs: number): Promise<void> {
    const { queueStream, queueSubjects, consumer } = this.names;
    const manager = await this.#management();
    await this.#do(async () => {
      await manager.streams.add({
        ...durably,
        name: queueStream,
        subjects: [...queueSubjects],
        max_msgs_per_subject: 1,
      });
      await manager.consumers.add(queueStream, {
        durable_name: consumer,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(leaseMs),
        // A bound on deliveries would make messages vanish.
        max_deliver: -1,
        max_ack_pending: 65_536,
      });
    });
    this.#consumer = undefined;
  }

  /** Whether a campaign of this name was ever begun here. */
  async exists(): Promise<boolean> {
    const manager = await this.#management();
    try {
      await this.#do(() => manager.streams.info(this.names.logStream));
      return true;
    } catch (error) {
      if (error instanceof ServerTrouble && error.isLost) return false;
      throw error;
    }
  }

  /** Takes away all that the server holds of the campaign. */
  async remove(): Promise<void> {
    const manager = await this.#management();
    for (const stream of [this.names.queueStream, this.names.logStream]) {
      await this.#do(() => manager.streams.delete(stream)).catch((error) => {
        if (!(error instanceof ServerTrouble && error.isLost)) throw error;
      });
    }
  }

  /** Appends where `after` is the last sequence of the subject (0: it has none). Repeating the same `id` is harmless. */
  async append(subject: string, bytes: Uint8Array | string, after: number, id: string): Promise<Append> {
    if (bytes.length > this.bytesMax) return { kind: 'too-long' };
    try {
      const ack = await this.#do(() =>
        this.#js.publish(subject, bytes, { msgID: id, timeout: requestMs, expect: { lastSubjectSequence: after } }),
      );
      return { kind: 'appended', seq: ack.seq };
    } catch (error) {
      if (!(error instanceof WrongSequence)) throw error;
      // The answer to an earlier try may have been lost.
      const last = await this.lastOf(subject);
      return last?.id === id ? { kind: 'appended', seq: last.seq } : { kind: 'conflict' };
    }
  }

  async lastOf(subject: string): Promise<LogMessage | undefined> {
    const manager = await this.#management();
    const message = await this.#do(() => manager.streams.getMessage(this.names.logStream, { last_by_subj: subject }));
    if (message === null) return undefined;
    const { seq, data, header } = message;
    return { subject, seq, bytes: data, id: header?.get(idHeader) ?? '' };
  }

  /** How many chunks are in the queue, those included that are done. */
  async countQueued(): Promise<number> {
    const manager = await this.#management();
    return (await this.#do(() => manager.streams.info(this.names.queueStream))).state.messages;
  }

  /** Puts a chunk into the queue, unless it is there. */
  async enqueue(chunk: number): Promise<void> {
    try {
      const expect = { lastSubjectSequence: 0 };
      await this.#do(() => this.#js.publish(this.names.queued(chunk), '', { timeout: requestMs, expect }));
    } catch (error) {
      if (!(error instanceof WrongSequence)) throw error;
    }
  }

  /** Chunks from the queue, as they come, for at most a second; `onBegin` is given what ends it sooner. */
  async *fetch(count: number, onBegin: (stop: () => void) => void): AsyncGenerator<JsMsg> {
    const { queueStream, consumer } = this.names;
    this.#consumer ??= await this.#do(() => this.#js.consumers.get(queueStream, consumer));
    const source = this.#consumer;
    try {
      const messages = await source.fetch({ max_messages: count, expires: 1_000 });
      onBegin(() => messages.stop());
      yield* messages;
    } catch (error) {
      this.#consumer = undefined;
      throw troubleOf(error);
    }
  }

  /** Messages of the log up to its end as it is now: all, or the last of each subject. */
  async *read(subject: string, which: 'all' | 'last'): AsyncGenerator<LogMessage> {
    const { logStream } = this.names;
    const manager = await this.#management();
    const { name, num_pending: total } = await this.#do(() =>
      manager.consumers.add(logStream, {
        ack_policy: AckPolicy.None,
        deliver_policy: which === 'all' ? DeliverPolicy.All : DeliverPolicy.LastPerSubject,
        filter_subject: subject,
        inactive_threshold: nanos(readerMs),
      }),
    );
    const reader = await this.#do(() => this.#js.consumers.get(logStream, name));
    let read = 0;
    while (read < total) {
      const before = read;
      const batch = await this.#do(() =>
        reader.fetch({ max_messages: Math.min(fetchMax, total - read), expires: 5_000 }),
      );
      for await (const message of batch) {
        read++;
        yield {
          subject: message.subject,
          seq: message.seq,
          bytes: message.data,
          id: message.headers?.get(idHeader) ?? '',
        };
      }
      if (read === before) throw new ServerTrouble('the server sends nothing more of its log', false);
    }
    await manager.consumers.delete(logStream, name).catch(() => undefined);
  }

  /** Answers whoever asks whether this start lives, until the connection ends. */
  answer(token: string, spell: () => string): void {
    this.#connection.subscribe(this.names.alive(token), { callback: (_, message) => void message.respond(spell()) });
  }

  /** Asks a start whether it lives; what it says of itself where it does. */
  async ask(token: string): Promise<{ readonly sign: Sign; readonly says?: string }> {
    try {
      const message = await this.#connection.request(this.names.alive(token), '', { timeout: aliveMs });
      return { sign: 'alive', says: message.string() };
    } catch (error) {
      const nobody =
        error instanceof errors.NoRespondersError || (error instanceof errors.RequestError && error.isNoResponders());
      return { sign: nobody ? 'dead' : 'silent' };
    }
  }

  /** Calls with each record of a chunk that any machine appends, until the connection ends. */
  listen(onMessage: (subject: string, bytes: Uint8Array) => void): void {
    this.#connection.subscribe(this.names.allChunks, {
      callback: (_, message) => onMessage(message.subject, message.data),
    });
  }

  async #management(): Promise<JetStreamManager> {
    this.#manager ??= await this.#do(() => jetstreamManager(this.#connection, { timeout: requestMs, checkAPI: false }));
    return this.#manager;
  }

  async #do<Value>(act: () => Promise<Value>): Promise<Value> {
    await this.#line.untilUp(requestMs);
    try {
      return await this.#line.whileUp(act());
    } catch (error) {
      throw troubleOf(error);
    }
  }
}

/** The expected sequence is not the last one. */
class WrongSequence extends Error {}

function troubleOf(error: unknown): unknown {
  if (error instanceof ServerTrouble || error instanceof WrongSequence || !(error instanceof Error)) return error;
  if (error instanceof JetStreamApiError) {
    if (error.code === wrongLastSequence) return new WrongSequence();
    return new ServerTrouble(error.message, notThere.includes(error.code));
  }
  if (error.name === 'JetStreamNotEnabled') {
    // What the client says where no stream takes a subject, too.
    return new ServerTrouble('its JetStream is off, or its store was emptied', true);
  }
  if (error instanceof errors.TimeoutError) return new ServerTrouble('it does not answer', false);
  if (error instanceof errors.NoRespondersError || error instanceof errors.RequestError) {
    return new ServerTrouble('its JetStream does not answer', false);
  }
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.ConnectionError) {
    return new ServerTrouble('the connection is closed', false);
  }
  if (isNatsError(error)) return new ServerTrouble(error.message, false);
  return error;
}

function isNatsError(error: Error): boolean {
  return Object.values(errors).some((kind) => error instanceof kind) || /JetStream/.test(error.name);
}
