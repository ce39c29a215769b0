import assert from 'node:assert/strict';
import type { Answer, Assignment } from '../../src/core/dispatch/protocol.ts';
import type { JobIndex } from '../../src/core/ids.ts';
import type { Random } from '../../src/core/random.ts';
import type { WorkerListener } from '../../src/runtime/ports.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a simulated job does. */
export type Kind = 'good' | 'thrower' | 'killer' | 'sleeper' | 'laggard';

/** Runs its jobs one after another, as the real one does. */
export class SimulatedWorker {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #listener: WorkerListener;
  readonly #running: Set<JobIndex>;
  readonly #kindOf: (job: JobIndex) => Kind;
  readonly #queue: Assignment[] = [];
  #current: Assignment | undefined;
  #ended = false;
  #aborted = false;

  constructor(
    clock: VirtualClock,
    random: Random,
    listener: WorkerListener,
    running: Set<JobIndex>,
    kindOf: (job: JobIndex) => Kind,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#listener = listener;
    this.#running = running;
    this.#kindOf = kindOf;
  }

  begin(): void {
    if (!this.#ended) this.#listener.ready(1);
  }

  assign(assignments: readonly Assignment[]): void {
    this.#queue.push(...assignments);
    if (this.#current === undefined) this.#next();
  }

  abort(): void {
    this.#aborted = true;
  }

  end(how: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#current !== undefined) this.#running.delete(this.#current.job);
    this.#listener.ended({ cause: 'crash', how });
  }

  #next(): void {
    this.#current = this.#queue.shift();
    const { job } = this.#current ?? {};
    if (job === undefined || this.#ended) return;
    assert.ok(!this.#running.has(job), `job ${job} runs on two workers at the same time`);
    this.#running.add(job);
    const kind = this.#kindOf(job);
    const runMs = kind === 'laggard' ? 4_960 + this.#random() * 60 : this.#drawMs();
    if (kind === 'killer') this.#clock.after(runMs, () => this.end('exit code 9'));
    else if (kind !== 'sleeper') this.#clock.after(runMs, () => this.#answer(runMs, kind));
  }

  #drawMs(): number {
    return this.#random() < 0.7 ? this.#random() * 3 : this.#random() * 2_000;
  }

  #answer(runMs: number, kind: Kind): void {
    if (this.#ended || this.#current === undefined) return;
    const nowMs = this.#clock.nowMs();
    const times = { startedAtMs: nowMs - runMs, endedAtMs: nowMs, runMs };
    const failure = { cause: 'error' as const, message: 'went wrong', stack: '' };
    const answer: Answer =
      kind === 'thrower'
        ? { ...this.#current, ...times, ok: false, failure }
        : { ...this.#current, ...times, ok: true, rowsJson: '[[1]]' };
    this.#running.delete(this.#current.job);
    this.#current = undefined;
    this.#listener.answers([answer]);
    if (this.#aborted) this.#clock.after(1, () => this.end('exit code 0'));
    else if (this.#current === undefined) this.#next();
  }
}
