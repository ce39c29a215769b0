import type { RowText } from '../row-text.ts';
import type { Candidate, Origin } from './candidate.ts';

/** One succeeded job, ready to be written. */
export interface MergedJob {
  readonly candidate: Candidate;
  readonly origin: Origin;
  readonly rows: readonly RowText[];
  /** In canonical JSON. */
  readonly argsJson: string;
  readonly occurrence: number;
}

/** Where merged results go; jobs come in the order of the pool. */
export interface MergedTable {
  /** Where it will lie in the folder of the merge. */
  readonly fileName: string;
  /** `width`: how many result columns the header has. */
  add(job: MergedJob, width: number): void;
  /** All is written; `width` as above, for a table without a row. */
  finish(width: number): void;
  /** Gives up. */
  close(): void;
}
