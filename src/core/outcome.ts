import type { AttemptNumber, JobIndex, WorkerId } from './ids.ts';
import type { Widths } from './row-widths.ts';

/** Why one attempt failed. Counted apart, because each asks for something else to be done. */
export type FailureCause = 'error' | 'crash' | 'timeout' | 'memory' | 'unstorable';

/** The error of a failed attempt, as it is journalled and shown (text only: it comes from a job). */
export interface Failure {
  readonly cause: FailureCause;
  /** One line, without control characters. */
  readonly message: string;
  /** The stack in the user's source lines; empty when the worker died. */
  readonly stack: string;
  /** Another attempt would surely fail alike. */
  readonly isSure?: true;
}

/** When and where an attempt ran. Times of day in milliseconds since 1970 (UTC). */
export interface AttemptTimes {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What the job itself took, on a clock that leaves out suspension. */
  readonly runMs: number;
}

/** A file in `files/<job id>/`. */
export interface JobFile {
  /** With `/` between the parts, where the job made a folder. */
  readonly name: string;
  readonly bytes: number;
  /** In lower-case hex. */
  readonly sha256: string;
}

/** Consecutive successes of one worker, spelt by it: the main process passes the text on as it is. */
export interface Block {
  readonly worker: WorkerId;
  readonly attempt: AttemptNumber;
  readonly jobs: readonly JobIndex[];
  /** What all took together, and the longest. */
  readonly sumMs: number;
  readonly maxMs: number;
  /** To how many cells short rows were filled up; `undefined` where there was no row yet. */
  readonly width: number | undefined;
  /** Of the worker's rows so far, where the experiment names no columns. */
  readonly widths?: Widths | undefined;
  /** The body of the line of the journal; its format stands in `journal/block.ts`. */
  readonly body: Uint8Array;
  /** What these jobs give in `results.csv`. */
  readonly csv: Uint8Array;
}

/** How a job ended that failed for good. Successes travel in blocks. */
export interface FailedOutcome extends AttemptTimes {
  readonly job: JobIndex;
  readonly attempt: AttemptNumber;
  readonly worker: WorkerId;
  readonly failure: Failure;
}
