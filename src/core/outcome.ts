import type { AttemptNumber, JobIndex, WorkerId } from './ids.ts';

/** Why one attempt failed. Counted apart, because each asks for something else to be done. */
export type FailureCause = 'error' | 'crash' | 'timeout' | 'memory' | 'unstorable';

/** The error of a failed attempt, as it is journalled and shown (text only: it comes from a job). */
export interface Failure {
  readonly cause: FailureCause;
  /** One line, without control characters. */
  readonly message: string;
  /** The stack in the user's source lines; empty when the worker died. */
  readonly stack: string;
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

/**
 * How one job ended for good. `rowsJson` is the JSON text of the rows (an array of arrays, numbers spelt as
 * `core/json.ts` does), made once in the worker and copied as it stands into the journal.
 */
export type Outcome = OutcomeBase & (Succeeded | Failed);

interface OutcomeBase extends AttemptTimes {
  readonly job: JobIndex;
  readonly attempt: AttemptNumber;
  readonly worker: WorkerId;
}
interface Succeeded {
  readonly status: 'succeeded';
  readonly rowsJson: string;
  /** What the job wrote with `context.file`; not there where it wrote nothing. */
  readonly files?: readonly JobFile[];
}
interface Failed {
  readonly status: 'failed';
  readonly failure: Failure;
}

/** Consecutive successes of one worker, as one line of the journal and one stretch of `results.csv`. */
export interface Block {
  readonly worker: WorkerId;
  readonly attempt: AttemptNumber;
  readonly jobs: readonly JobIndex[];
  /** What all took together, and the longest. */
  readonly sumMs: number;
  readonly maxMs: number;
  /** Result cells of the first row. */
  readonly width: number;
  /** Whether any job wrote files. */
  readonly hasFiles: boolean;
  /** The journal line's body: an object in JSON, from `"type"` on (`journal/block.ts`). */
  readonly body: Uint8Array;
  readonly csv: Uint8Array;
}
