import type { JobIndex } from '../ids.ts';
import { type Checksum, decodeLine } from './line.ts';
import {
  decodeRecord,
  type FailedAttempt,
  type JournalHeader,
  type JournalledOutcome,
  type JournalSession,
} from './record.ts';

/** A line that could not be used; the rest of the journal still is. Lines count from 1. */
export interface JournalProblem {
  readonly line: number;
  readonly problem: string;
}

/** An outcome with the session it came from. */
export interface FoldedOutcome {
  readonly outcome: JournalledOutcome;
  readonly session: JournalSession;
}

/**
 * What a journal says, all lines taken together: the later outcome of a job counts. Feed it the lines in order,
 * without their line feeds.
 */
export class JournalFold {
  header: JournalHeader | undefined;
  readonly sessions: JournalSession[] = [];
  readonly outcomes: Map<JobIndex, FoldedOutcome> = new Map();
  readonly failedAttempts: FailedAttempt[] = [];
  readonly problems: JournalProblem[] = [];
  readonly #checksum: Checksum;
  #lines = 0;
  #nextSeq = 0;

  constructor(checksum: Checksum) {
    this.#checksum = checksum;
  }

  /** The number that the next line written must carry. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  add(text: string): void {
    this.#lines++;
    const line = decodeLine(text, this.#checksum);
    if (!line.ok) {
      this.#report(line.problem);
      return;
    }
    if (line.seq !== this.#nextSeq) this.#report(`line ${line.seq} follows where line ${this.#nextSeq} was due`);
    this.#nextSeq = line.seq + 1;
    const record = decodeRecord(line.body);
    if ('problem' in record) this.#report(record.problem);
    else this.#apply(record);
  }

  #apply(record: Exclude<ReturnType<typeof decodeRecord>, { readonly problem: string }>): void {
    switch (record.type) {
      case 'journal':
        this.header ??= record;
        break;
      case 'session':
        this.sessions.push(record);
        break;
      case 'outcomes':
        this.#settle(record.list);
        break;
      case 'failed-attempt':
        this.failedAttempts.push(record);
        break;
    }
  }

  #settle(list: readonly JournalledOutcome[]): void {
    const session = this.sessions.at(-1);
    if (session === undefined) {
      this.#report('outcomes before any session');
      return;
    }
    for (const outcome of list) this.outcomes.set(outcome.job, { outcome, session });
  }

  #report(problem: string): void {
    this.problems.push({ line: this.#lines, problem });
  }
}
