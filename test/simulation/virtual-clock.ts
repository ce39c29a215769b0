import type { Clock } from '../../src/runtime/clock.ts';

interface Timer {
  atMs: number;
  readonly order: number;
  readonly call: () => void;
  /** Something that happens in the world, not a wait of the program's: it is put off while the machine sleeps. */
  readonly isPhysical: boolean;
  cancelled: boolean;
}

/** Time that passes only from one timer to the next, in eighths of a millisecond (short to write); a binary heap. */
export class VirtualClock implements Clock {
  #nowMs = 1_700_000_000_000;
  #heap: Timer[] = [];
  #order = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(atMs: number, call: () => void): () => void {
    const timer = this.#add(Math.max(atMs, this.#nowMs), call, false);
    return () => {
      timer.cancelled = true;
    };
  }

  /** For what happens in the world: a worker's or the disk's next deed. */
  after(ms: number, call: () => void): void {
    this.#add(this.#nowMs + ms, call, true);
  }

  /** Goes to the next timer; false where there is none. */
  advance(): boolean {
    for (let timer = this.#takeFirst(); timer !== undefined; timer = this.#takeFirst()) {
      if (timer.cancelled) continue;
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.call();
      return true;
    }
    return false;
  }

  /** The machine sleeps: nothing happens, and then the program's timers come too late. */
  suspend(ms: number): void {
    this.#nowMs += Math.ceil(ms);
    const timers = this.#heap;
    this.#heap = [];
    for (const timer of timers) {
      if (timer.isPhysical) timer.atMs += Math.ceil(ms);
      this.#push(timer);
    }
  }

  forgetTimers(): void {
    this.#heap = [];
  }

  #add(atMs: number, call: () => void, isPhysical: boolean): Timer {
    const timer = { atMs: Math.ceil(atMs * 8) / 8, order: this.#order++, call, isPhysical, cancelled: false };
    this.#push(timer);
    return timer;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  #takeFirst(): Timer | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      if (child === undefined) break;
      const other = heap[below + 1];
      if (other !== undefined && isBefore(other, child)) {
        child = other;
        below++;
      }
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
