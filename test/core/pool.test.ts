import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromCsv } from '../../src/core/from-csv.ts';
import { asPool, poolOfComingJobs, poolOfJobs, product, zip } from '../../src/core/pool.ts';
import { range } from '../../src/core/range.ts';
import { spellArguments } from '../../src/core/spell-arguments.ts';

const listOf = (pool: Iterable<readonly unknown[]>): readonly unknown[] => [...pool];
const numbers = (...words: Parameters<typeof range>): readonly number[] => [...range(...words)].flat();

describe('range', () => {
  it('means decimals as they are written', () => {
    assert.deepEqual(numbers(0, 1, 0.1), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    assert.deepEqual(numbers(0.1, 0.4, 0.1), [0.1, 0.2, 0.3]);
    assert.deepEqual(numbers(1, 0, -0.25), [1, 0.75, 0.5, 0.25]);
    assert.deepEqual(numbers(-0.2, 0.2, 0.1), [-0.2, -0.1, 0, 0.1]);
    assert.deepEqual(numbers(0, 3e-7, 1e-7), [0, 1e-7, 2e-7]);
    assert.deepEqual([...range(2.5)].flat(), [0, 1, 2]);
    for (let count = 1; count < 300; count++) {
      for (const step of [0.1, 0.01, 0.3, 0.7, 1e-9]) {
        const to = Number((count * step).toFixed(9));
        assert.equal(range(0, to, step).length, count, `range(0, ${to}, ${step})`);
      }
      assert.equal(range(0, count * (1 / 3), 1 / 3).length, count);
      assert.equal(range(Math.PI, Math.PI + count * 0.1, 0.1).length, count);
    }
  });

  it('is empty where nothing lies on the way, and refuses what is no number', () => {
    assert.deepEqual([range(0).length, range(3, 1).length, range(1, 3, -1).length], [0, 0, 0]);
    assert.throws(() => range(Number.NaN), /range: to must be a finite number, got NaN/);
    assert.throws(() => range(0, Infinity), /range: to must be a finite number/);
    assert.throws(() => range(0, 1, 0), /step must not be 0/);
    assert.throws(() => range(2 ** 32), /a pool of 4294967296 jobs is too large; the most is 4294967295/);
    assert.equal(range(2 ** 32 - 1).at(2 ** 32 - 2)[0], 2 ** 32 - 2);
    assert.throws(() => range(3).at(3), /the pool has jobs 0 to 2, not 3/);
  });
});

describe('product and zip', () => {
  it('flatten pools, keep elements whole, take generators and sets', () => {
    function* letters(): Generator<string> {
      yield* ['p', 'q'];
    }
    const pool = product(zip(letters(), new Set([1, 2])), [[1, [2]]], range(2));
    assert.deepEqual(listOf(pool), [
      ['p', 1, [1, [2]], 0],
      ['p', 1, [1, [2]], 1],
      ['q', 2, [1, [2]], 0],
      ['q', 2, [1, [2]], 1],
    ]);
    assert.deepEqual(pool.at(2), ['q', 2, [1, [2]], 0]);
    assert.deepEqual(listOf(product(product([1, 2], [3]), product([4]))), [
      [1, 3, 4],
      [2, 3, 4],
    ]);
  });

  it('may be empty', () => {
    assert.deepEqual([product([], range(3)).length, zip().length, zip([], []).length], [0, 0, 0]);
    assert.deepEqual(listOf(product([], range(3))), []);
    assert.deepEqual(listOf(product()), [[]]);
  });

  it('refuse what they cannot do', () => {
    assert.throws(() => product(range(100_000), range(100_000)), /too large/);
    assert.throws(() => zip([1, 2], range(3)), /zip: all must have the same length, got 2, 3/);
    assert.throws(() => product([1], 'abc'), /product: dimension 2 must be a list.*got "abc"; one value is written/);
    assert.throws(() => product(5 as never), /dimension 1 must be a list/);
    assert.throws(() => zip({} as never), /got an object that is none/);
    assert.throws(() => zip((async function* () {})() as never), /async iterable/);
  });

  it('claim that jobs are distinct only where they are', () => {
    const claims = [
      range(9),
      product([1, '1'], range(3)),
      zip(range(2), [1, 1]),
      product([0, -0]),
      product([[1], [2]]),
    ];
    assert.deepEqual(
      claims.map((pool) => asPool(pool)?.distinct),
      [true, true, true, false, false],
    );
    assert.equal(asPool(product([1, 1], range(3)))?.distinct, false);
    assert.equal(poolOfJobs([1, 2]).distinct, false);
  });
});

describe('lists', () => {
  it('are kept as texts, in any number, and come back as they were', async () => {
    const value = fc.oneof(fc.double(), fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null));
    const job = fc.oneof(value, fc.array(fc.oneof(value, fc.dictionary(fc.string(), value)), { maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(job, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 1_000 }),
        async (some, times) => {
          const list = Array.from({ length: times * some.length }, (_, at) => some[at % some.length]);
          const pool = poolOfJobs(list);
          const coming = await poolOfComingJobs(
            (async function* () {
              yield* list;
            })(),
          );
          assert.deepEqual([pool.length, coming.length], [list.length, list.length]);
          for (let at = 0; at < list.length; at += 1 + Math.floor(list.length / 50)) {
            const args = Array.isArray(list[at]) ? (list[at] as unknown[]) : [list[at]];
            assert.equal(pool.spell(at), spellArguments(args, at));
            assert.equal(coming.spell(at), pool.spell(at));
            assert.equal(spellArguments(pool.at(at), at), pool.spell(at));
          }
        },
      ),
      { numRuns: 100 },
    );
    assert.throws(() => poolOfJobs([1, [2, { f: () => 1 }]]), /jobs\[1\]\[1\]\.f is a function/);
  });
});

describe('fromCsv', () => {
  it('gives records of strings and serves as a dimension', () => {
    const table = fromCsv('\ufeffname,note\r\na,"x, ""y""\n2"\r\n\r\nb,\n');
    assert.deepEqual(listOf(table), [[{ name: 'a', note: 'x, "y"\n2' }], [{ name: 'b', note: '' }]]);
    assert.deepEqual(product(table, range(2)).at(3), [{ name: 'b', note: '' }, 1]);
    assert.equal(Object.hasOwn(fromCsv('__proto__\nx').at(0)[0], '__proto__'), true);
    assert.equal(fromCsv(`a\n"${'""'.repeat(2_000_000)}"`).at(0)[0].a?.length, 2_000_000);
  });

  it('names the line of a mistake', () => {
    assert.throws(() => fromCsv('a,b\n1,2\n"x\ny",3\n4\n'), /line 5: 1 cell, but the header has 2/);
    assert.throws(() => fromCsv('a\n1\n"x'), /line 3: a quote is not closed/);
    assert.throws(() => fromCsv('a,a\n'), /line 1: the column "a" occurs twice/);
    assert.throws(() => fromCsv(''), /the table is empty/);
    assert.throws(() => fromCsv(null as never), /takes the text of a table/);
  });
});
