import { hex, type JobIndex } from '../ids.ts';
import { type Checksum, decodeLine } from './line.ts';
import {
  decodeRecord,
  type FailedAttempt,
  type JournalHeader,
  type JournalledOutcome,
  type JournalRecord,
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

/** A file that is not a journal at all must not fill the memory with complaints. */
const problemsMax = 1_000;

/** Stands for the session of outcomes whose session line is damaged: they count all the same. */
const unknownSession: JournalSession = {
  startedAtMs: 0,
  codeFingerprint: hex('unknown'),
  host: 'unknown',
  pid: 0,
  cores: 0,
  target: 'unknown',
  versions: {},
};

/**
 * What a journal says, all lines taken together: the later outcome of a job counts. Feed it the lines in order,
 * without their line feeds. Takes any text at all and never throws: a damaged line is reported with its number and
 * costs only what stood in it.
 */
export class JournalFold {
  header: JournalHeader | undefined;
  readonly sessions: JournalSession[] = [];
  readonly outcomes: Map<JobIndex, FoldedOutcome> = new Map();
  readonly failedAttempts: FailedAttempt[] = [];
  readonly problems: JournalProblem[] = [];
  readonly #checksum: Checksum;
  #lines = 0;
  #lastSeq = -1;
  /** Lines since the last one with a number that had one once, perhaps. */
  #unreadable = 0;

  constructor(checksum: Checksum) {
    this.#checksum = checksum;
  }

  /** The number that the next line written must carry. */
  get nextSeq(): number {
    return this.#lastSeq + 1 + this.#unreadable;
  }

  add(text: string): void {
    this.#lines++;
    const line = decodeLine(text, this.#checksum);
    if (!line.ok) {
      this.#report(line.problem);
      this.#unreadable++;
      return;
    }
    const isRepeated = line.seq <= this.#lastSeq;
    if (isRepeated) this.#report(`line ${line.seq} stands here again`);
    else this.#count(line.seq);
    const record = decodeSafely(line.body);
    if ('problem' in record) this.#report(record.problem);
    else this.#apply(record, isRepeated);
  }

  #count(seq: number): void {
    if (seq > this.nextSeq) this.#report(`lines ${this.nextSeq} to ${seq - 1} are missing before it`);
    this.#lastSeq = seq;
    this.#unreadable = 0;
  }

  #apply(record: JournalRecord, isRepeated: boolean): void {
    switch (record.type) {
      case 'journal':
        this.header ??= record;
        break;
      case 'session':
        if (!isRepeated) this.sessions.push(record);
        break;
      case 'outcomes':
        this.#settle(record.list, isRepeated);
        break;
      case 'failed-attempt':
        if (!isRepeated) this.failedAttempts.push(record);
        break;
    }
  }

  /** A line that stands twice may tell what nothing else tells, but must not push aside what came later. */
  #settle(list: readonly JournalledOutcome[], isRepeated: boolean): void {
    const session = this.sessions.at(-1) ?? unknownSession;
    for (const outcome of list) {
      if (isRepeated && this.outcomes.has(outcome.job)) continue;
      this.outcomes.set(outcome.job, { outcome, session });
    }
  }

  #report(problem: string): void {
    if (this.problems.length >= problemsMax) return;
    const isLast = this.problems.length === problemsMax - 1;
    this.problems.push({ line: this.#lines, problem: isLast ? `${problem}; so it goes on` : problem });
  }
}

/** A body with the right checksum that nobody sane wrote must not stop the reading of the others. */
function decodeSafely(body: Readonly<Record<string, unknown>>): ReturnType<typeof decodeRecord> {
  try {
    return decodeRecord(body);
  } catch {
    return { problem: 'a line that cannot be understood' };
  }
}
