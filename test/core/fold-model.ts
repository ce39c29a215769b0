import { hex, type JobIndex, jobIndex } from '../../src/core/ids.ts';
import type { FoldedOutcome } from '../../src/core/journal/fold.ts';
import type { JournalledOutcome } from '../../src/core/journal/journalled-outcome.ts';
import { decodeLine } from '../../src/core/journal/line.ts';
import type { PoolNow } from '../../src/core/journal/match.ts';
import {
  decodeRecord,
  type FailedAttempt,
  type JournalHeader,
  type JournalSession,
} from '../../src/core/journal/record.ts';
import { encodeJson } from '../../src/core/json.ts';
import { identityOf } from '../../src/core/occurrences.ts';
import { spellArguments } from '../../src/core/spell-arguments.ts';
import { checksum } from '../../src/runtime/checksum.ts';

const unknown: JournalSession = {
  ...{ startedAtMs: 0, codeFingerprint: hex('unknown'), host: 'unknown', pid: 0, cores: 0, target: 'unknown' },
  versions: {},
};

/**
 * The rules of a journal in their plainest form: everything is held in memory, each outcome whole. This is how the
 * program folded journals until it kept nothing but numbers; what it says must stay the same.
 */
export class FoldModel {
  header: JournalHeader | undefined;
  readonly sessions: JournalSession[] = [];
  readonly outcomes: Map<JobIndex, FoldedOutcome> = new Map();
  readonly earlier: Map<string, FoldedOutcome> = new Map();
  failedAttempts: FailedAttempt[] = [];
  retries = 0;
  #experimentDigest: string | undefined;
  #problems = 0;
  #lastSeq = -1;
  #unreadable = 0;

  constructor(lines: readonly string[]) {
    for (const line of lines) this.#add(line);
  }

  #add(text: string): void {
    const line = decodeLine(text, checksum);
    if (!line.ok) {
      this.#problems++;
      this.#unreadable++;
      return;
    }
    const isRepeated = line.seq <= this.#lastSeq;
    if (isRepeated || line.seq > this.#lastSeq + 1 + this.#unreadable) this.#problems++;
    if (!isRepeated) [this.#lastSeq, this.#unreadable] = [line.seq, 0];
    const record = decodeRecord(line.body);
    if ('problem' in record) {
      this.#problems++;
    } else if (record.type === 'journal') {
      this.header ??= record;
      this.#experimentDigest ??= record.experimentDigest;
    } else if ('list' in record) {
      this.#settle(record.list, isRepeated);
    } else if (isRepeated) {
      return;
    } else if (record.type === 'session') {
      this.#open(record);
    } else {
      this.failedAttempts.push(record);
      this.retries++;
    }
  }

  #open(session: JournalSession): void {
    const digest = session.experimentDigest ?? this.header?.experimentDigest;
    if (digest !== this.#experimentDigest) {
      for (const folded of this.outcomes.values()) this.earlier.set(identityIn(folded), folded);
      this.outcomes.clear();
      this.failedAttempts = [];
    }
    this.#experimentDigest = digest;
    if (session.retryFailed) this.#forget(({ outcome }) => outcome.result.status === 'failed');
    if (session.rerunOlderCode) this.#forget((it) => it.session.codeFingerprint !== session.codeFingerprint);
    this.sessions.push(session);
  }

  #forget(isVoid: (folded: FoldedOutcome) => boolean): void {
    for (const [identity, folded] of this.earlier) if (isVoid(folded)) this.earlier.delete(identity);
    for (const [job, folded] of this.outcomes) {
      if (!isVoid(folded)) continue;
      this.outcomes.delete(job);
      this.failedAttempts = this.failedAttempts.filter((attempt) => attempt.job !== job);
    }
  }

  #settle(list: readonly JournalledOutcome[], isRepeated: boolean): void {
    const session = this.sessions.at(-1) ?? unknown;
    for (const outcome of list) {
      if (isRepeated && this.outcomes.has(outcome.job)) continue;
      // Removed first: in the order of the last words.
      this.outcomes.delete(outcome.job);
      this.outcomes.set(outcome.job, { outcome, session });
    }
  }

  /** What is settled of a pool, by its indices; and how many settled jobs it does not hold, and holds elsewhere. */
  match({ experimentDigest, pool, occurrences }: PoolNow): {
    readonly outcomes: ReadonlyMap<JobIndex, FoldedOutcome>;
    readonly gone: number;
    readonly moved: number;
  } {
    const indicesHold = this.#experimentDigest === experimentDigest && this.#problems === 0;
    if (indicesHold && this.earlier.size === 0) return { outcomes: this.outcomes, gone: 0, moved: 0 };
    const left = new Map(this.earlier);
    for (const folded of this.outcomes.values()) left.set(identityIn(folded), folded);
    const outcomes = new Map<JobIndex, FoldedOutcome>();
    let moved = 0;
    for (let index = 0; index < pool.length; index++) {
      const job = jobIndex(index);
      const identity = identityOf(spellArguments(pool.at(index), index), occurrences.get(job) ?? 0);
      const folded = left.get(identity);
      if (folded === undefined) continue;
      left.delete(identity);
      if (folded.outcome.job !== job) moved++;
      const { job: jobThen } = folded.outcome;
      outcomes.set(job, jobThen === job ? folded : { ...folded, outcome: { ...folded.outcome, job }, jobThen });
    }
    return { outcomes, gone: left.size, moved };
  }
}

function identityIn({ outcome }: FoldedOutcome): string {
  return identityOf(encodeJson(outcome.args), outcome.occurrence);
}
