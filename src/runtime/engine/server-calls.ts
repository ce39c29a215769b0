import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { LineWatch } from './line-watch.ts';
import { ServerTrouble } from './server-trouble.ts';

export const requestMs = 3_000;
/**
 * After so many calls without an answer the connection is made anew, at most this often: a server (2.9.10) whose streams were removed
 * was seen to leave those unanswered for ever that were connected then, while it served whoever came.
 */
const [unansweredMax, renewMs] = [3, 10_000];

const wrongLastSequence = 10_071;
const streamNameInUse = 10_058;
/** No such stream, no such consumer; a filter that is no part of what the stream takes: it is another log's. */
const notThere: readonly number[] = [10_059, 10_014, 10_093];

/** What a fetch from a consumer gives. */
interface Fetched<Message> extends AsyncIterable<Message> {
  stop(): void;
  closed(): Promise<unknown>;
}

/** How the server is spoken to: each call ends in bounded time, with a value, `ServerTrouble` or one of the refusals below. */
export class ServerCalls {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly #line: LineWatch;
  #manager: JetStreamManager | undefined;
  #unanswered = 0;
  #renewedAtMs = 0;

  constructor(connection: NatsConnection) {
    this.connection = connection;
    this.js = jetstream(connection, { timeout: requestMs });
    this.#line = new LineWatch(connection);
  }

  /** How often the connection broke. */
  get breaks(): number {
    return this.#line.breaks;
  }

  /** Ends when the connection stands again; `undefined`: it stands. */
  get mended(): Promise<void> | undefined {
    return this.#line.mended;
  }

  async management(): Promise<JetStreamManager> {
    this.#manager ??= await this.do(() => jetstreamManager(this.connection, { timeout: requestMs, checkAPI: false }));
    return this.#manager;
  }

  async do<Value>(act: () => Promise<Value>): Promise<Value> {
    await this.#line.untilUp(requestMs);
    try {
      return await this.#line.whileUp(act());
    } catch (error) {
      if (error instanceof errors.TimeoutError) this.#countUnanswered();
      throw troubleOf(error);
    }
  }

  #countUnanswered(): void {
    const nowMs = Date.now();
    if (++this.#unanswered < unansweredMax || nowMs - this.#renewedAtMs < renewMs) return;
    this.#unanswered = 0;
    this.#renewedAtMs = nowMs;
    // Where that fails, it is closed for good, and every call says so.
    this.connection.reconnect().catch(() => undefined);
  }

  /** Messages as they come. The client may wait for ever after a break, where the consumer is not there any more: that ends here. */
  async *drain<Message>(fetched: Fetched<Message>, boundMs: number): AsyncGenerator<Message> {
    const timer = setTimeout(() => fetched.stop(), boundMs + requestMs);
    this.#line.whileUp(fetched.closed()).catch(() => fetched.stop());
    try {
      yield* fetched;
    } catch (error) {
      throw troubleOf(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The expected sequence is not the last one. */
export class WrongSequence extends Error {}

/** A stream of this name is there and takes other subjects. */
export class NameInUse extends Error {}

function troubleOf(error: unknown): unknown {
  if (error instanceof ServerTrouble || !(error instanceof Error)) return error;
  if (error instanceof JetStreamApiError) {
    if (error.code === wrongLastSequence) return new WrongSequence();
    if (error.code === streamNameInUse) return new NameInUse();
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
  // Whatever else the client throws, it is tried again, and told of where it stays.
  return new ServerTrouble(error.message, false);
}
