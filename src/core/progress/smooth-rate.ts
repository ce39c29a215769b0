/** What happened within this time counts most; of rare things, within the time that 20 of them take. */
const windowMinMs = 10_000;
const windowThings = 20;

/** How many of something come in a second: smooth, but it follows. Ages by a factor of e in one window. */
export class SmoothRate {
  #count = 0;
  #seconds = 0;
  #lastMs: number;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  add(count: number, nowMs: number): void {
    this.#age(nowMs);
    this.#count += count;
  }

  /** Per second; `undefined` until something has come. */
  at(nowMs: number): number | undefined {
    this.#age(nowMs);
    return this.#count > 0 && this.#seconds > 0.2 ? this.#count / this.#seconds : undefined;
  }

  #age(nowMs: number): void {
    const passedMs = nowMs - this.#lastMs;
    if (passedMs <= 0) return;
    this.#lastMs = nowMs;
    const perMs = this.#count / Math.max(1, this.#seconds * 1_000 + passedMs);
    const keep = Math.exp(-passedMs / Math.max(windowMinMs, windowThings / perMs));
    this.#count *= keep;
    this.#seconds = this.#seconds * keep + passedMs / 1_000;
  }
}
