import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { ShareRequest } from './share-request.ts';
import { callUserCode } from './user-code.ts';

/** More messages of the same kind help nobody. */
const warningsMax = 3;

/** Gives each result to the experiment's `onResult`, one after the other. What that throws ends nothing: the result is on disk. */
export class HandOut {
  readonly #request: Pick<ShareRequest, 'experiment' | 'prepared'>;
  readonly #warn: (message: string) => void;
  #last: Promise<void> = Promise.resolve();
  #failures = 0;

  constructor(request: Pick<ShareRequest, 'experiment' | 'prepared'>, warn: (message: string) => void) {
    this.#request = request;
    this.#warn = warn;
  }

  /** Whether anybody takes results. */
  get isWanted(): boolean {
    return this.#request.experiment.onResult !== undefined;
  }

  add({ outcome }: FoldedOutcome): void {
    const { job, attempt, startedAtMs, endedAtMs, runMs, result } = outcome;
    const { experiment, prepared } = this.#request;
    const { onResult } = experiment;
    if (onResult === undefined || result.status === 'failed') return;
    const meta = { index: job, attempt, startedAtMs, endedAtMs, runMs };
    for (const row of result.rows) {
      this.#last = this.#last.then(async () => {
        const called = await callUserCode('onResult', () => onResult(row, meta, prepared.resolved.config));
        if (!called.ok && ++this.#failures <= warningsMax) this.#warn(firstLines(called.diagnostics[0]?.message));
      });
    }
  }

  /** Waits until all are handed out. */
  async finish(): Promise<void> {
    await this.#last;
    if (this.#failures > warningsMax) this.#warn(`onResult failed ${this.#failures} times in all`);
  }
}

/** A warning is one line: what was thrown, and where in the user's lines. */
function firstLines(message: string = ''): string {
  const [what = '', place] = message.split('\n');
  return place === undefined ? what : `${what} (${place.trim()})`;
}
