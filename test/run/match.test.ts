import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attemptNumber, hex, type JobIndex, jobIndex, machineName, workerId } from '../../src/core/ids.ts';
import { type FoldedOutcome, JournalFold } from '../../src/core/journal/fold.ts';
import { encodeLine } from '../../src/core/journal/line.ts';
import { type MatchedOutcomes, matchOutcomes, type PoolNow } from '../../src/core/journal/match.ts';
import { encodeHeader, encodeSession } from '../../src/core/journal/record.ts';
import { countOccurrences, identityOf } from '../../src/core/occurrences.ts';
import { poolOfJobs } from '../../src/core/pool.ts';
import { pickSample } from '../../src/run/sample.ts';
import { encodeOutcomes } from '../fixtures/encode-outcomes.ts';

const checksum = (data: string | Uint8Array): number => data.length;
const plan = { planDigest: hex('p'), total: 0, share: 0 };
const session = { startedAtMs: 0, host: 'h', pid: 1, cores: 1, target: 't', versions: {} };

function poolOf(jobs: readonly string[]): PoolNow {
  const pool = poolOfJobs(jobs);
  // A digest of its own for each pool; real ones are hashes.
  return { experimentDigest: hex(JSON.stringify(jobs)), pool, occurrences: countOccurrences(pool) };
}

class Journal {
  readonly fold = new JournalFold(checksum);
  readonly #lines: string[] = [];

  add(body: string): void {
    const line = encodeLine(this.fold.nextSeq, body, checksum).trimEnd();
    this.#lines.push(line);
    this.fold.add(line);
  }

  match(now: PoolNow): Omit<MatchedOutcomes, 'settled'> & { readonly outcomes: Map<JobIndex, FoldedOutcome> } {
    const { settled, ...rest } = matchOutcomes(this.fold, now, () => this.#lines, checksum);
    const outcomes = new Map([...settled.outcomes(this.#lines, checksum)].map((it) => [it.outcome.job, it]));
    assert.equal(outcomes.size, settled.size);
    return { ...rest, outcomes };
  }

  /** A session over a pool that settles some jobs, each with a row that names its identity and the session. */
  run(now: PoolNow, number: number, settles: (job: number) => boolean): void {
    const { experimentDigest, pool, occurrences } = now;
    if (this.fold.header === undefined) {
      const about = { experiment: 'x', machine: machineName('all'), seed: 's', stream: 'same' as const };
      this.add(encodeHeader({ ...about, ...plan, experimentDigest }));
    }
    const changed = this.fold.header?.experimentDigest === experimentDigest ? {} : { experimentDigest };
    this.add(encodeSession({ ...session, codeFingerprint: hex(`c${number}`), ...changed }));
    const { outcomes } = this.match(now);
    for (let index = 0; index < pool.length; index++) {
      const job = jobIndex(index);
      if (!settles(index) || outcomes.has(job)) continue;
      const spelt = { argsJson: JSON.stringify(pool.at(index)), occurrence: occurrences.get(job) ?? 0 };
      const rowsJson = JSON.stringify([[identityOf(spelt.argsJson, spelt.occurrence), number]]);
      const times = { startedAtMs: 0, endedAtMs: 0, runMs: 0 };
      const who = { job, attempt: attemptNumber(1), worker: workerId(1) };
      this.add(encodeOutcomes([{ ...who, ...times, rowsJson }], () => spelt));
    }
  }
}

const jobs = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 8 });

describe('outcomes found again in another pool', () => {
  it('each job has its own outcome, whatever pools came before, and none is settled twice', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(jobs, fc.nat(255)), { minLength: 1, maxLength: 5 }), jobs, (sessions, last) => {
        const journal = new Journal();
        const settledIn = new Map<string, number>();
        sessions.forEach(([list, mask], number) => {
          const now = poolOf(list);
          journal.run(now, number, (job) => ((mask >> job) & 1) === 1);
          for (let index = 0; index < now.pool.length; index++) {
            const identity = identityOf(JSON.stringify(now.pool.at(index)), now.occurrences.get(jobIndex(index)) ?? 0);
            if (((mask >> index) & 1) === 1 && !settledIn.has(identity)) settledIn.set(identity, number);
          }
        });
        const now = poolOf(last);
        const { outcomes, gone } = journal.match(now);
        let found = 0;
        for (let index = 0; index < now.pool.length; index++) {
          const identity = identityOf(JSON.stringify(now.pool.at(index)), now.occurrences.get(jobIndex(index)) ?? 0);
          const outcome = outcomes.get(jobIndex(index))?.outcome;
          const expected = settledIn.get(identity);
          if (expected !== undefined) found++;
          assert.equal(outcome?.job, expected === undefined ? undefined : index);
          const rows = outcome?.result.status === 'succeeded' ? outcome.result.rows : undefined;
          assert.deepEqual(rows, expected === undefined ? undefined : [[identity, expected]]);
        }
        assert.equal(gone, settledIn.size - found);
      }),
    );
  });
});

describe('the jobs of a sample', () => {
  it('are different, ascending, of the pool, and as many as asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 50 }), (total, count) => {
        const picked = pickSample(total, count);
        assert.equal(picked.length, Math.min(total, count));
        picked.forEach((job, at) => {
          assert.ok(Number.isInteger(job) && job >= 0 && job < total);
          assert.ok(at === 0 || job > (picked[at - 1] ?? 0));
        });
      }),
    );
    assert.deepEqual(pickSample(6, 3), [1, 3, 5]);
  });
});
