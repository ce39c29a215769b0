import { setTimeout as wait } from 'node:timers/promises';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import type { CampaignNames } from '../../core/engine/campaign-names.ts';
import { CampaignLog } from './campaign-log.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { ServerCalls } from './server-calls.ts';
import { ServerTrouble } from './server-trouble.ts';

/** Whether somebody holds the other end of a start's token. */
export type Sign = 'alive' | 'dead' | 'silent';

const aliveMs = 1_500;
const closeMs = 2_000;

/** Everything that is said to the server about one campaign. All of it ends in bounded time: with a value or `ServerTrouble`. */
export class CampaignServer {
  readonly log: CampaignLog;
  readonly queue: ChunkQueue;
  readonly #names: CampaignNames;
  readonly #calls: ServerCalls;

  constructor(connection: NatsConnection, names: CampaignNames) {
    this.#calls = new ServerCalls(connection);
    this.#names = names;
    this.log = new CampaignLog(this.#calls, names);
    this.queue = new ChunkQueue(this.#calls, names);
  }

  /** How often the connection broke: whatever was known of the log before may have been lost since. */
  get breaks(): number {
    return this.#calls.breaks;
  }

  /** Ends when the connection stands again; `undefined`: it stands. */
  get mended(): Promise<void> | undefined {
    return this.#calls.mended;
  }

  /** Ends in bounded time, too: a connection that does not end is left to itself. */
  async close(): Promise<void> {
    const bound = new AbortController();
    await Promise.race([
      this.#calls.connection.close(),
      wait(closeMs, undefined, { signal: bound.signal }).catch(() => undefined),
    ]);
    bound.abort();
  }

  /** Takes away all that the server holds of the campaign. */
  async remove(): Promise<void> {
    const manager = await this.#calls.management();
    for (const stream of [this.#names.queueStream, this.#names.logStream]) {
      await this.#calls
        .do(() => manager.streams.delete(stream))
        .catch((error) => {
          if (!(error instanceof ServerTrouble && error.isLost)) throw error;
        });
    }
  }

  /** Answers whoever asks whether this start lives, until the connection ends. */
  answer(token: string, spell: () => string): void {
    const { connection } = this.#calls;
    connection.subscribe(this.#names.alive(token), { callback: (_, message) => void message.respond(spell()) });
  }

  /** Asks a start whether it lives; what it says of itself where it does. */
  async ask(token: string): Promise<{ readonly sign: Sign; readonly says?: string }> {
    try {
      const message = await this.#calls.connection.request(this.#names.alive(token), '', { timeout: aliveMs });
      return { sign: 'alive', says: message.string() };
    } catch (error) {
      const nobody =
        error instanceof errors.NoRespondersError || (error instanceof errors.RequestError && error.isNoResponders());
      return { sign: nobody ? 'dead' : 'silent' };
    }
  }
}
