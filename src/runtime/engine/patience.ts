import { setTimeout as wait } from 'node:timers/promises';
import { ServerTrouble } from './server-trouble.ts';

/** The campaign cannot be gone on with from here. Its message says why. */
export class GivenUp extends Error {}

export interface PatienceParts {
  /** How long a server may be away before this machine ends. */
  readonly patienceMs: number;
  readonly warn: (message: string) => void;
  /** Ends when the connection stands again, at once worth a try; `undefined`: it stands. */
  readonly mended: () => Promise<void> | undefined;
  /** Called where the server is there and what it held is not. */
  readonly restore: () => Promise<void>;
}

const [pauseMinMs, pauseMaxMs] = [200, 5_000];
/** Shorter troubles are nobody's business. */
const quietMs = 2_000;

/** Repeats what the server did not do, as long as it is worth while. */
export class Patience {
  readonly #parts: PatienceParts;
  #isTold = false;
  #endAtMs = Number.POSITIVE_INFINITY;
  #restoring: Promise<void> | undefined;
  #restored = 0;

  constructor(parts: PatienceParts) {
    this.#parts = parts;
  }

  /** From now on nothing is waited for longer than this. */
  endIn(ms: number): void {
    this.#endAtMs = Math.min(this.#endAtMs, Date.now() + ms);
  }

  /** Throws `GivenUp` where the server was waited for in vain. */
  async insist<Value>(act: () => Promise<Value>): Promise<Value> {
    const sinceMs = Date.now();
    let hasTold = false;
    for (let pauseMs = pauseMinMs; ; pauseMs = Math.min(2 * pauseMs, pauseMaxMs)) {
      const restored = this.#restored;
      try {
        const value = await act();
        if (hasTold) this.#tellWell(sinceMs);
        return value;
      } catch (error) {
        if (!(error instanceof ServerTrouble)) throw error;
        this.#giveUpInTime(error, sinceMs);
        hasTold = this.#tellTrouble(error, sinceMs) || hasTold;
        await this.#pause(pauseMs);
        // Others may have seen to it meanwhile.
        if (error.isLost && restored === this.#restored) await this.#restore();
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    const boundMs = Math.min(ms, Math.max(0, this.#endAtMs - Date.now()));
    const over = new AbortController();
    const waited = wait(boundMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([waited, this.#parts.mended() ?? waited]);
    over.abort();
  }

  #giveUpInTime({ message }: ServerTrouble, sinceMs: number): void {
    const nowMs = Date.now();
    if (nowMs - sinceMs > this.#parts.patienceMs || nowMs >= this.#endAtMs) {
      throw new GivenUp(`the server was waited for in vain: ${message}`);
    }
  }

  #tellTrouble({ message }: ServerTrouble, sinceMs: number): boolean {
    if (this.#isTold || Date.now() - sinceMs < quietMs) return false;
    this.#isTold = true;
    this.#parts.warn(`the server is not well: ${message}; going on with what is here, and trying again`);
    return true;
  }

  #tellWell(sinceMs: number): void {
    this.#isTold = false;
    this.#parts.warn(`the server is well again, after ${Math.round((Date.now() - sinceMs) / 1_000)} s`);
  }

  /** Once for all who wait for it. */
  #restore(): Promise<void> {
    this.#restoring ??= this.#parts
      .restore()
      .catch((error: unknown) => {
        if (!(error instanceof ServerTrouble)) throw error;
      })
      .finally(() => {
        this.#restored++;
        this.#restoring = undefined;
      });
    return this.#restoring;
  }
}
