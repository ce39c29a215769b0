import { type Hex, hex, type JobIndex } from '../ids.ts';
import { encodeJson } from '../json.ts';
import { identityOf } from '../occurrences.ts';
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
 * costs only what stood in it. Whoever has the pool at hand asks `matchOutcomes` instead of reading `outcomes`.
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
        this.experimentDigest ??= record.experimentDigest;
        break;
      case 'session':
        if (!isRepeated) this.#open(record);
        break;
      case 'outcomes':
        this.#settle(record.list, isRepeated);
        break;
      case 'failed-attempt':
        if (isRepeated) break;
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

export function identityOfOutcome({ outcome }: FoldedOutcome): string {
  return identityOf(encodeJson(outcome.args), outcome.occurrence);
}
