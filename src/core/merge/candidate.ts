import type { JobIndex, MachineName } from '../ids.ts';
import type { JournalSession } from '../journal/record.ts';

/** Where outcomes come from: one session of one journal. */
export interface Origin {
  /** Which of the journals that are merged. */
  readonly source: number;
  readonly machine: MachineName;
  readonly session: JournalSession;
}

/** What one journal says of one job: nothing of it is decoded before it is needed. */
export interface Candidate {
  /** In the pool as it is now. */
  readonly job: JobIndex;
  /** In the pool of then, after which the folder of its files is called. */
  readonly jobThen: number;
  /** The number of its `Origin`. */
  readonly origin: number;
  readonly attempt: number;
  readonly worker: number;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Whole microseconds. */
  readonly runMicros: number;
  readonly status: 'succeeded' | 'failed';
  /** The rows of a success as a list of lists, or the failure: in canonical JSON. */
  readonly json: string;
  /** What it left in `files/`, as JSON; empty where it left nothing. */
  readonly filesJson: string;
}
