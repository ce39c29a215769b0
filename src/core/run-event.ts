import type { Finish, StopHow } from './dispatch/protocol.ts';
import type { Tally } from './dispatch/tally.ts';
import type { AttemptNumber, JobIndex, WorkerId } from './ids.ts';
import type { Block, FailedOutcome, Failure } from './outcome.ts';

/**
 * Everything that happens in a run, told to every view of it (board, plain lines, log). Outcomes are told only
 * after they are on disk. `atMs` is the time of day in milliseconds since 1970.
 */
export type RunEvent = { readonly atMs: number } /** What a resume found. */ & (
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
  | {
      readonly type: 'job-progress';
      readonly worker: WorkerId;
      readonly job: JobIndex;
      readonly fraction: number;
      /** In the job's own words; not there: as before. */
      readonly message?: string;
    }
  | {
      readonly type: 'job-retried';
      readonly worker: WorkerId;
      readonly job: JobIndex;
      readonly attempt: AttemptNumber;
      readonly failure: Failure;
    }
  /** Free of charge: their worker died of another job, or the run is being stopped. They run again. */
  | {
      readonly type: 'jobs-returned';
      readonly worker: WorkerId;
      readonly jobs: readonly JobIndex[];
      readonly why: string;
    }
  | { readonly type: 'jobs-settled'; readonly blocks: readonly Block[]; readonly failures: readonly FailedOutcome[] }
  | {
      readonly type: 'job-output';
      readonly worker: WorkerId;
      readonly job: JobIndex | undefined;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | { readonly type: 'job-log'; readonly worker: WorkerId; readonly job: JobIndex | undefined; readonly line: string }
  | {
      readonly type: 'stopping';
      readonly how: StopHow;
      /** `stopped`: somebody asked for it. */
      readonly reason: Finish['reason'];
      /** By Ctrl-C or its like: another one stops at once. */
      readonly isBySignal: boolean;
      readonly running: number;
      /** How long the running jobs may still take, from the longest recent one; `undefined` where nothing is known. */
      readonly longestLeftMs: number | undefined;
    }
  /** Other machines of the same campaign have recorded more. */
  | { readonly type: 'others-settled'; readonly jobs: number; readonly failed: number }
  | { readonly type: 'warning'; readonly message: string }
  /** What happened in this session, told once before its end. */
  | { readonly type: 'tally'; readonly tally: Tally }
  | { readonly type: 'run-ended'; readonly done: number; readonly failed: number; readonly left: number }
);

/** A view of the run. Must not throw; is called for every event, in order. */
export interface Reporter {
  on(event: RunEvent): void;
}
