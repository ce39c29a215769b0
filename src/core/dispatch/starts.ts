import { respawnDelayMs, workerStartFailuresMax } from './policy.ts';

/**
 * Watches over workers that do not come up. In a row means: none got ready in between; where some do, the run goes
 * on with those, and the pauses between tries keep the rest from being a busy loop.
 */
export class Starts {
  #failuresInARow = 0;
  #notBeforeMs = 0;

  succeeded(): void {
    this.#failuresInARow = 0;
  }

  /** Says whether that was one too many. */
  failed(nowMs: number): boolean {
    this.#failuresInARow++;
    this.#notBeforeMs = nowMs + respawnDelayMs(this.#failuresInARow);
    return this.#failuresInARow >= workerStartFailuresMax;
  }

  /** When the next worker may be started. */
  get notBeforeMs(): number {
    return this.#notBeforeMs;
  }
}
