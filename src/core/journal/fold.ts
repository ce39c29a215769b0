import type { Hex, JobIndex } from '../ids.ts';
import { type BlockHead, decodeBlockHead } from './block.ts';
import type { JournalledOutcome } from './journalled-outcome.ts';
import { LastLines } from './last-lines.ts';
import { type Checksum, decodeHead } from './line.ts';
import {
  decodeRecord,
  type FailedAttempt,
  type JournalHeader,
  type JournalRecord,
  type JournalSession,
} from './record.ts';
import { Sessions } from './sessions.ts';

/** A line that could not be used; the rest of the journal still is. Lines count from 1. */
export interface JournalProblem {
  readonly line: number;
  readonly problem: string;
}

/** An outcome with the session it came from. */
export interface FoldedOutcome {
  readonly outcome: JournalledOutcome;
  readonly session: JournalSession;
  /** Its index in the pool of then, where that is another one now. */
  readonly jobThen?: JobIndex;
}

/** What was settled while the pool was one and the same. */
export interface Era {
  /** From this line on. */
  readonly firstLine: number;
  /** By their index in the pool of then. */
  readonly lines: LastLines;
  /** Those of them that failed, whole. */
  readonly failures: Map<JobIndex, FoldedOutcome>;
  /** What a session declared void after the pool had changed: it hides what was settled of the same job before. */
  readonly voided: LastLines;
}

/** A file that is not a journal at all must not fill the memory with complaints. */
const problemsMax = 1_000;

type Head = ({ readonly type: 'block' } & BlockHead) | Exclude<JournalRecord, { readonly type: 'block' }>;

/**
 * The index of a journal, all lines taken together: which line has the last word on each job. Feed it the lines in
 * order, without their line feeds. Takes anything at all and never throws: a damaged line is reported with its number and
 * costs only what stood in it. Whoever needs what the lines say reads them a second time (`settled.ts`).
 */
export class JournalFold {
  header: JournalHeader | undefined;
  readonly #sessions = new Sessions();
  /** The last one is of the pool of the last session, and may be empty. */
  readonly eras: Era[] = [eraFrom(1)];
  /** Failed attempts that still count against their jobs. */
  readonly failedAttempts: FailedAttempt[] = [];
  /** How often a job was tried again, ever. */
  retries = 0;
  /** Of the last session: names the pool that the last era belongs to. */
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

  get sessions(): readonly JournalSession[] {
    return this.#sessions.list;
  }

  /** The number that the next line written must carry. */
  get nextSeq(): number {
    return this.#lastSeq + 1 + this.#unreadable;
  }

  /** Settled in the pool of the last session. */
  get now(): Era {
    return this.eras.at(-1) ?? eraFrom(1);
  }

  /** What was settled in the pool that a line belongs to. */
  eraOf(line: number): Era {
    return this.eras.findLast(({ firstLine }) => firstLine <= line) ?? this.now;
  }

  /** The session that a line was written in. */
  sessionOf(line: number): JournalSession {
    return this.#sessions.of(line);
  }

  add(text: string | Uint8Array): void {
    this.#lines++;
    const line = decodeHead(text, this.#checksum);
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

  #apply(record: Head, isRepeated: boolean): void {
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
      case 'block':
        this.#settleBlock(record.jobs, isRepeated);
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
    if (session.retryFailed) this.#forget(({ failures }, job) => failures.has(job));
    if (session.rerunOlderCode) {
      this.#forget((_, _job, line) => this.sessionOf(line).codeFingerprint !== session.codeFingerprint);
    }
    this.#sessions.open(session, this.#lines);
  }

  /** Attempts are known by index alone: those of unsettled jobs are forgiven. */
  #leavePool(): void {
    if (this.now.lines.size === 0) this.eras.pop();
    this.eras.push(eraFrom(this.#lines));
    this.failedAttempts.length = 0;
  }

  #forget(isVoid: (era: Era, job: JobIndex, line: number) => boolean): void {
    const charged = this.failedAttempts.filter(({ job }) => this.now.lines.has(job));
    for (const era of this.eras) {
      era.lines.forEach((job, line) => {
        if (!isVoid(era, job, line)) return;
        if (era !== this.now) era.voided.set(job, line);
        era.lines.delete(job);
        era.failures.delete(job);
      });
    }
    const forgiven = new Set(charged.filter(({ job }) => !this.now.lines.has(job)));
    if (forgiven.size === 0) return;
    const kept = this.failedAttempts.filter((attempt) => !forgiven.has(attempt));
    this.failedAttempts.splice(0, this.failedAttempts.length, ...kept);
  }

  /** A line that stands twice may tell what nothing else tells, but must not push aside what came later. */
  #settle(list: readonly JournalledOutcome[], isRepeated: boolean): void {
    const { lines, failures } = this.now;
    const session = this.sessionOf(this.#lines);
    for (const outcome of list) {
      if (isRepeated && lines.has(outcome.job)) continue;
      lines.set(outcome.job, this.#lines);
      if (outcome.result.status === 'failed') failures.set(outcome.job, { outcome, session });
      else failures.delete(outcome.job);
    }
  }

  #settleBlock(jobs: readonly JobIndex[], isRepeated: boolean): void {
    const { lines, failures } = this.now;
    for (const job of jobs) {
      if (isRepeated && lines.has(job)) continue;
      lines.set(job, this.#lines);
      if (failures.size > 0) failures.delete(job);
    }
  }

  #report(problem: string): void {
    if (this.problems.length >= problemsMax) return;
    const isLast = this.problems.length === problemsMax - 1;
    this.problems.push({ line: this.#lines, problem: isLast ? `${problem}; so it goes on` : problem });
  }
}

function eraFrom(firstLine: number): Era {
  return { firstLine, lines: new LastLines(), failures: new Map(), voided: new LastLines() };
}

/** A body with the right checksum that nobody sane wrote must not stop the reading of the others. */
function decodeSafely(body: Readonly<Record<string, unknown>>): Head | { readonly problem: string } {
  try {
    if (body.type !== 'block') return decodeRecord(body) as Head | { readonly problem: string };
    const head = decodeBlockHead(body);
    return 'problem' in head ? head : { type: 'block', ...head };
  } catch {
    return { problem: 'a line that cannot be understood' };
  }
}
