import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import type { FoldedOutcome } from '../../src/core/journal/fold.ts';
import { Settled } from '../../src/core/journal/settled.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { readJournal, readJournalLines } from '../../src/runtime/read-journal.ts';

/** Written by version 0.1; every later version must read it, and find this in it. Never change it. */
const path = join(repositoryFolder, 'test', 'fixtures', 'journal-v1.jsonl');
const sum = 0.1 + 0.2;

it('a journal of version 1 is read as it was meant', () => {
  const { fold, tornBytes, unusable } = readJournal(path);
  assert.equal(unusable, undefined);
  assert.equal(tornBytes, 0);
  assert.deepEqual(fold.problems, []);
  assert.equal(fold.nextSeq, 11);
  const digest = '166a60a38d0ad1ec413b32d8ff541031f4fe2c9137eb2aef95788d44e4e7ed34';
  const { header } = fold;
  assert.deepEqual(
    [header?.experiment, header?.machine, header?.experimentDigest, header?.seed, header?.stream, header?.total],
    ['journal-v1', 'all', digest, digest, 'same', 8],
  );
  assert.deepEqual(
    fold.sessions.map(({ startedAtMs, cores, target }) => [startedAtMs, cores, target]),
    [
      [1795556083233, 1, 'linux-x64'],
      [1795556087118, 1, 'linux-x64'],
    ],
  );
  const settled = new Settled({ fold, lines: fold.now.lines });
  const outcomes = new Map<number, FoldedOutcome>();
  for (const it of settled.outcomes(readJournalLines(path), checksum)) outcomes.set(it.outcome.job, it);
  assert.equal(outcomes.size, settled.size);
  const rowsOf = (job: number): unknown => {
    const result = outcomes.get(job)?.outcome.result;
    return result?.status === 'succeeded' ? result.rows : result?.failure.message;
  };
  assert.deepStrictEqual(
    Array.from({ length: 9 }, (_, job) => rowsOf(job)),
    [
      [['twice', 1, sum]],
      [['twice', 1, sum]],
      [[Number.NaN, Number.NEGATIVE_INFINITY, -0]],
      [['retried', 2, sum]],
      'TypeError: always "wrong"',
      [['ü, "quoted"\nline', { a: true, b: [1, null] }, 1e-7]],
      [['', null, false]],
      [['late', 6, sum]],
      undefined,
    ],
  );
  const ofJob = (job: number): unknown => {
    const folded = outcomes.get(job);
    return [folded?.outcome.args, folded?.outcome.occurrence, folded?.outcome.attempt, folded?.session.pid];
  };
  assert.deepStrictEqual([0, 1, 2, 3].map(ofJob), [
    [['twice', 1], 0, 1, 6913],
    [['twice', 1], 1, 1, 7129],
    [['numbers', -0], 0, 1, 7129],
    [['retried', 2], 0, 2, 7129],
  ]);
  assert.deepEqual(
    fold.failedAttempts.map(({ job, attempt, cause }) => [job, attempt, cause]),
    [
      [3, 1, 'error'],
      [4, 1, 'error'],
    ],
  );
});
