import assert from 'node:assert/strict';
import type { DispatchPolicy } from '../../src/core/dispatch/policy.ts';
import type { Assignment } from '../../src/core/dispatch/protocol.ts';
import type { JobIndex } from '../../src/core/ids.ts';
import type { JournalFold } from '../../src/core/journal/fold.ts';
import { decodeLine } from '../../src/core/journal/line.ts';
import { decodeRecord } from '../../src/core/journal/record.ts';
import type { Block, FailedOutcome } from '../../src/core/outcome.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { fateOf, type JobKind } from './job-kinds.ts';

/** Keeps account of one machine over all its sessions, and throws where a promise is broken. */
export class Ledger {
  readonly #policy: DispatchPolicy;
  readonly #kindOf: (job: JobIndex) => JobKind;
  /** Told to somebody, or found on disk by an earlier session. */
  readonly #known = new Set<JobIndex>();
  /** Since the session began. */
  toldHere = 0;
  #longestMs = 0;

  constructor(policy: DispatchPolicy, kindOf: (job: JobIndex) => JobKind) {
    this.#policy = policy;
    this.#kindOf = kindOf;
  }

  /** Whatever was told is found again after any fault; what is found counts from now on. */
  beginSession(fold: JournalFold): void {
    const { lines } = fold.now;
    for (const job of this.#known) assert.ok(lines.has(job), `job ${job} was told to be settled and is lost`);
    lines.forEach((job) => void this.#known.add(job));
    this.toldHere = 0;
    this.#longestMs = 0;
  }

  tellBlock({ jobs, body, maxMs }: Block, durable: string): void {
    const isDurable = durable.includes(new TextDecoder().decode(body).slice(1));
    for (const job of jobs) this.#tell(job, isDurable);
    this.#longestMs = Math.max(this.#longestMs, maxMs);
  }

  tellFailure({ job }: FailedOutcome, durable: string): void {
    this.#tell(job, durable.includes(`"job":${job},"args"`));
  }

  #tell(job: JobIndex, isDurable: boolean): void {
    assert.ok(!this.#known.has(job), `job ${job} was told to be settled twice`);
    assert.ok(isDurable, `job ${job} was told before it was on disk`);
    this.#known.add(job);
    this.toldHere++;
  }

  assign(assignments: readonly Assignment[], nowMs: number, untilMs: number | undefined, isStuck: boolean): void {
    assert.ok(!isStuck, 'jobs were handed out while the disk refused');
    for (const { job } of assignments) assert.ok(!this.#known.has(job), `job ${job} was settled and runs again`);
    if (untilMs === undefined) return;
    assert.ok(nowMs < untilMs, 'a job was started after the time given');
    const needMs = Math.min(this.#longestMs, this.#policy.timeoutMs ?? 0) * assignments.length;
    assert.ok(nowMs + needMs <= untilMs, 'a job was started that would not have been finished in time');
  }

  /** Every job of the share stands in the journal exactly once, ended as it must and was charged for what it did. */
  checkComplete(jobs: readonly JobIndex[], journal: string, isHoled: boolean): void {
    const lines = readLines(journal);
    for (const job of jobs) {
      const settled = lines.outcomes.filter((outcome) => outcome.job === job);
      assert.equal(settled.length, 1, `job ${job} stands ${settled.length} times in the journal`);
      const [outcome] = settled;
      if (outcome === undefined) continue;
      const found = outcome.result.status === 'failed' ? outcome.result.failure.cause : 'rows';
      const kind = this.#kindOf(job);
      const fate = fateOf(kind, this.#policy);
      assert.ok(fate.found.includes(found), `job ${job} (${kind.kind}) ended as ${found}`);
      const failed = lines.failedAttempts.filter((attempt) => attempt.job === job);
      // A hole can swallow the line of an attempt of which nobody was told, and leave the next.
      if (isHoled) continue;
      assert.equal(outcome.attempt, fate.attempts ?? outcome.attempt, `attempts of job ${job} (${kind.kind})`);
      assert.deepEqual(
        failed.map(({ attempt }) => attempt),
        Array.from({ length: outcome.attempt - 1 }, (_, index) => index + 1),
        `failed attempts of job ${job} (${kind.kind}) in the journal`,
      );
      for (const { cause } of failed) assertCause(kind, cause, job);
    }
    assert.equal(lines.outcomes.length, jobs.length, 'the journal holds jobs of another share');
  }
}

function assertCause(kind: JobKind, cause: string, job: JobIndex): void {
  const expected = { thrower: 'error', sleeper: 'timeout', laggard: 'timeout' } as const;
  const due =
    kind.kind === 'killer' ? kind.cause : kind.kind in expected && expected[kind.kind as keyof typeof expected];
  assert.equal(cause, due, `an attempt of job ${job} (${kind.kind}) was charged as ${cause}`);
}

function readLines(journal: string) {
  const outcomes = [];
  const failedAttempts = [];
  for (const text of journal.split('\n')) {
    const line = decodeLine(text, checksum);
    if (!line.ok) continue;
    const record = decodeRecord(line.body);
    if ('problem' in record) continue;
    if (record.type === 'outcomes' || record.type === 'block') outcomes.push(...record.list);
    if (record.type === 'failed-attempt') failedAttempts.push(record);
  }
  return { outcomes, failedAttempts };
}
