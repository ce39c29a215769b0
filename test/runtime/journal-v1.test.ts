import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import type { FoldedOutcome, JournalFold } from '../../src/core/journal/fold.ts';
import { Settled } from '../../src/core/journal/settled.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { readJournal, readJournalLines } from '../../src/runtime/read-journal.ts';

/** Every later version must read them, and find this in them. Never change them. The first was written by version 0.1. */
const path = join(repositoryFolder, 'test', 'fixtures', 'journal-v1.jsonl');
/** With blocks of successes beside lines of the first kind. */
const blocksPath = join(repositoryFolder, 'test', 'fixtures', 'journal-v1-blocks.jsonl');
const sum = 0.1 + 0.2;

function outcomesOf(journal: string, fold: JournalFold): Generator<FoldedOutcome> {
  return new Settled({ fold, lines: fold.now.lines }).outcomes(readJournalLines(journal), checksum);
}

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
  const outcomes = new Map([...outcomesOf(path, fold)].map((it) => [Number(it.outcome.job), it]));
  assert.equal(outcomes.size, fold.now.lines.size);
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

it('blocks of successes are read as they were meant', () => {
  const { fold, bytes, tornBytes, unusable } = readJournal(blocksPath);
  assert.deepEqual([fold.problems, tornBytes, unusable, fold.nextSeq], [[], 0, undefined, 9]);
  assert.equal(bytes, statSync(blocksPath).size);
  assert.deepEqual(
    fold.sessions.map(({ results }) => results),
    [undefined, '0123456789abcdef'],
  );
  const settled = new Settled({ fold, lines: fold.now.lines });
  const parts = [...settled.parts(readJournalLines(blocksPath), checksum)];
  assert.deepEqual(
    parts.map(({ csv }) => csv),
    [undefined, { bytes: 6, crc: 'ff46c5d8' }, undefined, { bytes: 0, crc: '00000000' }, undefined],
  );
  const found = [...outcomesOf(blocksPath, fold)].map(({ outcome, session }) => {
    const { job, args, occurrence, attempt, worker, startedAtMs, endedAtMs, runMs, result } = outcome;
    const times = [startedAtMs - 1_795_600_000_000, endedAtMs - 1_795_600_000_000, runMs];
    const said = result.status === 'succeeded' ? result.rows : result.failure.cause;
    return [job, args, occurrence, attempt, worker, times, said, session.pid];
  });
  assert.deepStrictEqual(found, [
    [0, ['old', 1], 0, 1, 1, [1, 1, 0.25], [['old', 1]], 100],
    [5, ['twice'], 0, 1, 2, [10, 10, 0.001], [['ü, "quoted"\nline', { a: true }]], 200],
    [
      2,
      ['twice'],
      1,
      1,
      2,
      [10, 23, 12.5],
      [
        [1, 2],
        [3, 4],
      ],
      200,
    ],
    [9, [Number.NaN, ',"args":'], 0, 1, 2, [23, 23, 0], [[-0, { $number: 'x' }]], 200],
    [6, ['fails'], 0, 2, 1, [50, 51, 0.5], 'error', 200],
    [1, ['files'], 0, 3, 1, [30, 33, 3], [[]], 200],
    [3, ['none'], 0, 3, 1, [33, 33, 0.001], [], 200],
    [8, ['late'], 0, 1, 1, [40, 42, 2], [[true, null]], 200],
  ]);
  const files = [...outcomesOf(blocksPath, fold)].map(({ outcome: { result } }) => 'files' in result && result.files);
  assert.deepEqual(files[5], [{ name: 'plot/a.png', bytes: 5, sha256: 'e'.repeat(64) }]);
  assert.deepEqual([...settled.failures().keys()], [6]);
  assert.deepEqual([fold.retries, fold.failedAttempts.length], [1, 1]);
});
