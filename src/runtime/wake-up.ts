import type { Clock } from './clock.ts';

/** One call at a time that is to come; asking anew takes the place of what was asked for before. */
export class WakeUp {
  readonly #clock: Clock;
  readonly #call: () => void;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, call: () => void) {
    this.#clock = clock;
    this.#call = call;
  }

  at(atMs: number): void {
    this.cancel();
    this.#cancel = this.#clock.setTimer(atMs, this.#call);
  }

  cancel(): void {
    this.#cancel();
  }
}
