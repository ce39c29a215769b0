import { errors, type NatsConnection } from '@nats-io/transport-node';
import { ServerTrouble } from './server-trouble.ts';

/** Whether the connection stands. The client does not fail what it was asked before a break: it lets it time out. */
export class LineWatch {
  readonly #waiting = new Set<(trouble: ServerTrouble) => void>();
  #up: PromiseWithResolvers<void> | undefined;
  #breaks = 0;
  #why = 'the connection is broken';

  constructor(connection: NatsConnection) {
    void this.#watch(connection);
  }

  /** How often it broke. */
  get breaks(): number {
    return this.#breaks;
  }

  /** What comes of an answer that is waited for, or `ServerTrouble` when the connection breaks meanwhile. */
  whileUp<Value>(answer: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      answer.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  /** Ends when it stands again; `undefined`: it stands. */
  get mended(): Promise<void> | undefined {
    return this.#up?.promise;
  }

  /** Throws `ServerTrouble` where it does not stand within the time. */
  async untilUp(boundMs: number): Promise<void> {
    if (this.#up === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, boundMs, 'late');
    });
    const came = await Promise.race([this.#up.promise, bound]);
    clearTimeout(timer);
    if (came === 'late') throw new ServerTrouble(this.#why, false);
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#break();
      if (status.type === 'reconnect') this.#stands();
      if (status.type === 'error' && status.error instanceof errors.AuthorizationError) {
        this.#why = 'it refuses these credentials; if it has new ones (engine.url), start again with them';
      }
    }
    this.#break();
  }

  #break(): void {
    this.#breaks++;
    this.#up ??= Promise.withResolvers<void>();
    for (const reject of this.#waiting) reject(new ServerTrouble('the connection broke', false));
    this.#waiting.clear();
  }

  #stands(): void {
    this.#why = 'the connection is broken';
    this.#up?.resolve();
    this.#up = undefined;
  }
}
