import { AckPolicy, type Consumer, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { CampaignNames } from '../../core/engine/campaign-names.ts';
import { durably } from './durably.ts';
import { requestMs, type ServerCalls, WrongSequence } from './server-calls.ts';

const fetchMs = 1_000;

/** Which chunks are to be computed: a hint, whoever takes one asks the log. */
export class ChunkQueue {
  readonly #calls: ServerCalls;
  readonly #names: CampaignNames;
  #consumer: Consumer | undefined;

  constructor(calls: ServerCalls, names: CampaignNames) {
    this.#calls = calls;
    this.#names = names;
  }

  /** The queue, where it is not there yet. `leaseMs`: a chunk of which nothing is heard for so long is handed out again. */
  async prepare(leaseMs: number): Promise<void> {
    const { queueStream, queueSubjects, consumer } = this.#names;
    const manager = await this.#calls.management();
    await this.#calls.do(async () => {
      const subjects = [...queueSubjects];
      await manager.streams.add({ ...durably, name: queueStream, subjects, max_msgs_per_subject: 1 });
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

  /** How many chunks are in it, those included that are done. */
  async count(): Promise<number> {
    const manager = await this.#calls.management();
    return (await this.#calls.do(() => manager.streams.info(this.#names.queueStream))).state.messages;
  }

  /** Puts a chunk into it, unless it is there. */
  async add(chunk: number): Promise<void> {
    const expect = { lastSubjectSequence: 0 };
    try {
      await this.#calls.do(() => this.#calls.js.publish(this.#names.queued(chunk), '', { timeout: requestMs, expect }));
    } catch (error) {
      if (!(error instanceof WrongSequence)) throw error;
    }
  }

  /** Chunks as they come, for at most a second; `onBegin` is given what ends it sooner. */
  async *fetch(count: number, onBegin: (stop: () => void) => void): AsyncGenerator<JsMsg> {
    const { queueStream, consumer } = this.#names;
    this.#consumer ??= await this.#calls.do(() => this.#calls.js.consumers.get(queueStream, consumer));
    const source = this.#consumer;
    try {
      const messages = await this.#calls.do(() => source.fetch({ max_messages: count, expires: fetchMs }));
      onBegin(() => messages.stop());
      yield* this.#calls.drain(messages, fetchMs);
    } catch (error) {
      this.#consumer = undefined;
      throw error;
    }
  }
}
