import { formatCountOf } from '../core/format-count.ts';

/** Lines that are shown between two frames; who prints more reads it in the log. */
const linesMax = 200;

interface TailLine {
  readonly worker: number;
  readonly text: string;
}

/** Lines that wait to be shown above the board. A worker that prints much does not push away what others print. */
export class Tail {
  #lines: TailLine[] = [];
  #skipped = 0;

  add(worker: number, text: string): void {
    this.#lines.push({ worker, text });
    if (this.#lines.length > 2 * linesMax) this.#shorten();
  }

  /** What there is, each line with its line feed. */
  take(): string {
    if (this.#lines.length > linesMax) this.#shorten();
    const note =
      this.#skipped === 0 ? '' : `(${formatCountOf(this.#skipped, 'line')} not shown here, but in the log)\n`;
    const text = note + this.#lines.map((line) => `${line.text}\n`).join('');
    this.#lines = [];
    this.#skipped = 0;
    return text;
  }

  /** Keeps the last lines of each worker, as many as there is room for. */
  #shorten(): void {
    const counts = new Map<number, number>();
    for (const { worker } of this.#lines) counts.set(worker, (counts.get(worker) ?? 0) + 1);
    const quota = evenQuota([...counts.values()], linesMax);
    const kept = this.#lines.filter(({ worker }) => {
      const later = (counts.get(worker) ?? 0) - 1;
      counts.set(worker, later);
      return later < quota;
    });
    this.#skipped += this.#lines.length - kept.length;
    this.#lines = kept;
  }
}

/** The largest number (at least 1) such that all together take no more than `room` if each takes at most so many. */
function evenQuota(wanted: readonly number[], room: number): number {
  let left = room;
  const ascending = [...wanted].sort((a, b) => a - b);
  for (const [at, count] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - at));
    if (count > share) return Math.max(1, share);
    left -= count;
  }
  return room;
}
