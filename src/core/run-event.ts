import type { AttemptNumber, JobIndex, WorkerId } from './ids.ts';
import type { Failure, Outcome } from './outcome.ts';

/**
 * Everything that happens in a run, told to every view of it (board, plain lines, log). Outcomes are told only
 * after they are on disk. `atMs` is the time of day in milliseconds since 1970.
 */
export type RunEvent = { readonly atMs: number } & /** What a resume found. */
(
  | {
      readonly type: 'continuing';
      readonly total: number;
      readonly done: number;
      readonly failed: number;
      readonly lastWrittenAtMs: number;
      readonly sameCode: boolean;
    }
  | {
      readonly type: 'run-started';
      readonly total: number;
      readonly settled: number;
      readonly failed: number;
      readonly cores: number;
    }
  | { readonly type: 'worker-started'; readonly worker: WorkerId; readonly pid: number }
  | { readonly type: 'worker-ended'; readonly worker: WorkerId; readonly how: string; readonly expected: boolean }
  | { readonly type: 'job-started'; readonly worker: WorkerId; readonly job: JobIndex; readonly attempt: AttemptNumber }
  | { readonly type: 'job-progress'; readonly worker: WorkerId; readonly job: JobIndex; readonly fraction: number }
  | {
      readonly type: 'job-retried';
      readonly worker: WorkerId;
      readonly job: JobIndex;
      readonly attempt: AttemptNumber;
      readonly failure: Failure;
    }
  | { readonly type: 'jobs-settled'; readonly outcomes: readonly Outcome[] }
  | {
      readonly type: 'job-output';
      readonly worker: WorkerId;
      readonly job: JobIndex | undefined;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | { readonly type: 'job-log'; readonly worker: WorkerId; readonly job: JobIndex | undefined; readonly line: string }
  | { readonly type: 'stopping'; readonly how: 'drain' | 'now'; readonly running: number }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'run-ended'; readonly done: number; readonly failed: number; readonly left: number }
);

/** A view of the run. Must not throw; is called for every event, in order. */
export interface Reporter {
  on(event: RunEvent): void;
}
