import type { Hex, JobIndex } from '../ids.ts';
import { encodeJson } from '../json.ts';
import { identityOf } from '../occurrences.ts';
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
 * without their line feeds. Whoever has the pool at hand asks `matchOutcomes` instead of reading `outcomes`.
 */
export class JournalFold {
  header: JournalHeader | undefined;
  readonly sessions: JournalSession[] = [];
  /** By their index in the pool of the last session. */
  readonly outcomes: Map<JobIndex, FoldedOutcome> = new Map();
  /** Settled while the pool was another one: by identity, because their indices mean nothing any more. */
  readonly earlier: Map<string, FoldedOutcome> = new Map();
  /** Failed attempts that still count against their jobs. */
  readonly failedAttempts: FailedAttempt[] = [];
  /** How often a job was tried again, ever. */
  retries = 0;
  /** Of the last session: names the pool that `outcomes` belongs to. */
  experimentDigest: Hex | undefined;
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
        this.experimentDigest ??= record.experimentDigest;
        break;
      case 'session':
        this.#open(record);
        break;
      case 'outcomes':
        this.#settle(record.list);
        break;
      case 'failed-attempt':
        this.failedAttempts.push(record);
        this.retries++;
        break;
    }
  }

  #open(session: JournalSession): void {
    const digest = session.experimentDigest ?? this.header?.experimentDigest;
    if (digest !== this.experimentDigest) this.#leavePool();
    this.experimentDigest = digest;
    if (session.retryFailed) this.#forget(({ outcome }) => outcome.result.status === 'failed');
    if (session.rerunOlderCode) this.#forget((it) => it.session.codeFingerprint !== session.codeFingerprint);
    this.sessions.push(session);
  }

  /** Attempts are known by index alone: those of unsettled jobs are forgiven. */
  #leavePool(): void {
    for (const folded of this.outcomes.values()) this.earlier.set(identityOfOutcome(folded), folded);
    this.outcomes.clear();
    this.failedAttempts.length = 0;
  }

  #forget(isVoid: (folded: FoldedOutcome) => boolean): void {
    const jobs = new Set<JobIndex>();
    for (const [job, folded] of this.outcomes) if (isVoid(folded)) jobs.add(job);
    for (const [identity, folded] of this.earlier) if (isVoid(folded)) this.earlier.delete(identity);
    if (jobs.size === 0) return;
    for (const job of jobs) this.outcomes.delete(job);
    const kept = this.failedAttempts.filter(({ job }) => !jobs.has(job));
    this.failedAttempts.splice(0, this.failedAttempts.length, ...kept);
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

export function identityOfOutcome({ outcome }: FoldedOutcome): string {
  return identityOf(encodeJson(outcome.args), outcome.occurrence);
}
