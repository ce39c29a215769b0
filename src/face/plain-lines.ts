import { escapeText } from '../core/escape-text.ts';
import { RunProgress } from '../core/progress/run-progress.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { spellCores } from '../core/spell-cores.ts';
import { describeOutput } from './describe-output.ts';
import { formatCount, formatDuration, formatRate, formatTimeOfDay } from './format.ts';

/** The line that tells an event worth one, unescaped. */
export function describeEvent(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'warning':
      return `warning: ${event.message}`;
    case 'job-retried':
      return `job ${event.job}: attempt ${event.attempt} failed (${event.failure.message}); it runs again`;
    case 'jobs-settled': {
      const failures = event.failures.map(({ job, failure }) => `job ${job} failed: ${failure.message}`);
      const more = failures.length > 3 ? ` (and ${failures.length - 3} more)` : '';
      return failures.length === 0 ? undefined : failures.slice(0, 3).join('; ') + more;
    }
    case 'continuing':
      return describeFound(event);
    case 'stopping':
      return event.how === 'drain' ? describeDrain(event) : 'stopping now';
    case 'run-started':
      return `${formatCount(event.total - event.settled)} of ${formatCount(event.total)} jobs to run on ${spellCores(event.cores)}`;
    default:
      return undefined;
  }
}

/** `continuing: 1,204 of 2,000 done, 3 failed (--retry-failed), last written 14:02, same code` */
function describeFound(found: Extract<RunEvent, { type: 'continuing' }>): string {
  const parts = [`${formatCount(found.done)} of ${formatCount(found.total)} done`];
  if (found.failed > 0) parts.push(`${formatCount(found.failed)} failed (--retry-failed)`);
  parts.push(
    `last written ${formatTimeOfDay(found.lastWrittenAtMs, found.atMs)}`,
    found.sameCode ? 'same code' : 'other code',
  );
  return `continuing: ${parts.join(', ')}`;
}

/** `waiting for 8 jobs, the longest about 3 h 5 min; again = stop now`; nothing where nobody is waited for. */
function describeDrain({
  running,
  longestLeftMs: longestMs,
  isBySignal,
}: Extract<RunEvent, { type: 'stopping' }>): string | undefined {
  if (running === 0) return undefined;
  const longest = longestMs === undefined ? '' : `, the longest about ${formatDuration(longestMs)}`;
  return `waiting for ${formatCount(running)} ${running === 1 ? 'job' : 'jobs'}${longest}${isBySignal ? '; again = stop now' : ''}`;
}

const progressIntervalMs = 10_000;

/** For a log file or a pipe instead of a terminal: a line now and then. */
export class PlainLines implements Reporter {
  readonly #progress = new RunProgress();
  readonly #write: (text: string) => void;
  readonly #showsOutput: boolean;
  #lastMs = 0;

  constructor(write: (text: string) => void, showsOutput: boolean) {
    this.#write = write;
    this.#showsOutput = showsOutput;
  }

  on(event: RunEvent): void {
    this.#progress.take(event);
    const line = (this.#showsOutput ? describeOutput(event) : undefined) ?? describeEvent(event);
    if (line !== undefined) this.#write(`${escapeText(line)}\n`);
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
