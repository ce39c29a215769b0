import { fstatSync, writeSync } from 'node:fs';
import { disconnectMark, initialisingMark, logMark, marksFd, progressMark } from './messages.ts';

/** A progress mark more often than this serves nobody, and each wakes up the main process; … */
const progressIntervalMs = 500;
/** … but so many may come at once: the last word before a long silence must not be lost. */
const progressBurst = 4;
const messageCharsMax = 200;
/** Times a full pipe is tried again (only where the system made it non-blocking). */
const triesMax = 10_000;

/** Before this, no more marks: each moves it on by one interval. */
let progressFreeAtMs = Number.NEGATIVE_INFINITY;

/** Says how far a job is; works inside a busy loop. */
export function markProgress(job: number, fraction: number, message: string | undefined): void {
  const nowMs = performance.now();
  if (nowMs < progressFreeAtMs) return;
  progressFreeAtMs = Math.max(progressFreeAtMs, nowMs - (progressBurst - 1) * progressIntervalMs) + progressIntervalMs;
  const words =
    message === undefined
      ? ''
      : ` ${String(message)
          .slice(0, messageCharsMax)
          .replace(/[\r\n]+/g, ' ')}`;
  write(`${progressMark}${job} ${fraction}${words}\n`);
}

/** Passes on a line of a job's log (JSON, ended by a line feed). */
export function markLog(line: string): void {
  write(`${logMark}${line}`);
}

/** Says that what happens from here on is `initializeWorker`'s. */
export function markInitialising(): void {
  write(`${initialisingMark}\n`);
}

/** Says that a job cut the connection. */
export function markDisconnect(): void {
  write(`${disconnectMark}\n`);
}

/** Whether the descriptor is open still: a job may have closed all that it found. */
export function canMark(): boolean {
  try {
    fstatSync(marksFd);
    return true;
  } catch {
    return false;
  }
}

/** Takes the marks instead of the descriptor: for a job that runs in no worker, where that may be anything. */
export function redirectMarks(take: (mark: string) => void): void {
  write = take;
}

let write = (text: string): void => {
  const bytes = Buffer.from(text);
  let written = 0;
  for (let tries = 0; written < bytes.length && tries < triesMax; tries++) {
    try {
      written += writeSync(marksFd, bytes, written);
    } catch (error) {
      // Full: the parent will read. Anything else: nobody listens any more, and the watcher ends this process.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return;
    }
  }
};
