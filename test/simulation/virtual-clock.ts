import type { Clock } from '../../src/runtime/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly call: () => void;
}

/** Time that passes only from one timer to the next. */
export class VirtualClock implements Clock {
  #nowMs = 1_700_000_000_000;
  #timers: Timer[] = [];
  #order = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(atMs: number, call: () => void): () => void {
    const timer = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  after(ms: number, call: () => void): void {
    this.setTimer(this.#nowMs + ms, call);
  }

  /** Jumps to the next timer; false where there is none. */
  advance(): boolean {
    const [next] = this.#timers.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
    if (next === undefined) return false;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#nowMs = next.atMs;
    next.call();
    return true;
  }

  powerCut(): void {
    this.#timers = [];
  }
}
