import { escapeText } from '../core/escape-text.ts';
import { formatCount } from '../core/format-count.ts';
import { RunProgress } from '../core/progress/run-progress.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { describeOutput } from './describe-output.ts';
import { EventLines } from './event-lines.ts';
import { formatDuration, formatRate, formatTimeOfDay } from './format.ts';

const progressIntervalMs = 10_000;

/** For a log file or a pipe instead of a terminal: a line now and then. */
export class PlainLines implements Reporter {
  readonly #progress = new RunProgress();
  readonly #lines = new EventLines();
  readonly #write: (text: string) => void;
  readonly #showsOutput: boolean;
  #lastMs = 0;

  constructor(write: (text: string) => void, showsOutput: boolean) {
    this.#write = write;
    this.#showsOutput = showsOutput;
  }

  on(event: RunEvent): void {
    this.#progress.take(event);
    const output = this.#showsOutput ? describeOutput(event) : undefined;
    for (const line of output === undefined ? this.#lines.of(event) : [output]) this.#write(`${escapeText(line)}\n`);
    if (event.type === 'run-started') this.#lastMs = event.atMs;
    if (event.type !== 'jobs-settled' || event.atMs - this.#lastMs < progressIntervalMs) return;
    this.#lastMs = event.atMs;
    this.#write(`${describeProgress(this.#progress, event.atMs)}\n`);
  }
}

/** `1,204 of 2,000 done (60 %), 3 failed, 12/s, 3 min 10 s left, ready 14:02` */
function describeProgress(progress: RunProgress, nowMs: number): string {
  const { settled, total, failed } = progress;
  const share = Math.floor((100 * settled) / Math.max(1, total));
  const parts = [`${formatCount(settled)} of ${formatCount(total)} done (${share} %)`, `${formatCount(failed)} failed`];
  const rate = progress.rate(nowMs);
  if (rate !== undefined) parts.push(formatRate(rate));
  const readyAtMs = progress.readyAtMs(nowMs);
  if (readyAtMs !== undefined && settled < total) {
    const end = progress.isDraining ? 'stops' : 'ready';
    parts.push(`${formatDuration(readyAtMs - nowMs)} left`, `${end} ${formatTimeOfDay(readyAtMs, nowMs)}`);
  }
  return parts.join(', ');
}
