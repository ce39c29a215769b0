import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteText } from '../../src/core/byte-text.ts';
import { decodeJson } from '../../src/core/json.ts';
import { LazyPool, type Pool, product, zip } from '../../src/core/pool.ts';
import { range } from '../../src/core/range.ts';
import { followRecipe, type Jobs } from '../../src/core/recipe.ts';
import { spellArguments } from '../../src/core/spell-arguments.ts';

type AnyPool = Pool<readonly unknown[]>;

const element = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.jsonValue(), fc.constantFrom(-0, Number.NaN, null));
const step = fc.constantFrom(1, -1, 0.1, 1 / 3, -2.5);
const numbers = fc
  .tuple(fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double({ min: -9, max: 9, noNaN: true })), fc.nat(6), step)
  .map(([from, count, by]): AnyPool => range(from + 0, from + count * by, by));
const list = fc.array(element, { maxLength: 6 });

const { pool: pools } = fc.letrec<{ part: Iterable<unknown>; pool: AnyPool }>((tie) => ({
  part: fc.oneof({ depthSize: 'small' }, list, numbers, tie('pool')),
  pool: fc.oneof(
    { depthSize: 'small' },
    numbers,
    fc.array(tie('part'), { maxLength: 3 }).map((parts): AnyPool => product(...parts)),
    fc.tuple(list, fc.nat(3)).map(([all, copies]): AnyPool => zip(...Array.from({ length: copies + 1 }, () => all))),
  ),
}));

function bytesOf(speller: Pick<Jobs, 'put'>, index: number): string {
  const text = new ByteText();
  speller.put(text, index);
  return new TextDecoder().decode(text.bytes);
}

function linesOf(pool: LazyPool<readonly unknown[]>, from: number): string[] {
  const text = new ByteText();
  for (let index = from; index < pool.length; ) {
    const next = pool.putLines(text, index);
    assert.ok(next > index && next <= pool.length, `${index} to ${next} of ${pool.length}`);
    index = next;
  }
  return new TextDecoder().decode(text.bytes).split('\n').slice(0, -1);
}

describe('a recipe', () => {
  it('gives the jobs of the pool that it describes, to the last bit', () => {
    fc.assert(
      fc.property(pools, (pool) => {
        assert.ok(pool instanceof LazyPool);
        const recipe = pool.recipe();
        assert.ok(recipe !== undefined);
        // It reaches the worker as JSON.
        const jobs = followRecipe(JSON.parse(JSON.stringify(recipe)));
        assert.equal(jobs.length, pool.length);
        for (let index = 0; index < pool.length; index++) {
          const argsJson = spellArguments(pool.at(index), index);
          assert.equal(jobs.spell(index), argsJson);
          assert.equal(bytesOf(jobs, index), argsJson);
          assert.equal(bytesOf(pool, index), argsJson);
          assert.deepStrictEqual(jobs.args(index), decodeJson(argsJson));
          const { length } = jobs.args(index);
          assert.equal(jobs.args(index, 3).length, length + 3);
        }
        const spelt = Array.from({ length: pool.length }, (_, index) => pool.spell(index));
        for (const from of [0, pool.length >> 1]) assert.deepEqual(linesOf(pool, from), spelt.slice(from));
      }),
      { numRuns: 2_000 },
    );
  });

  it('spells the lines of long products and of long parts as it spells the jobs', () => {
    const long = 'é'.repeat(40_000);
    for (const pool of [
      product(range(300), range(7)),
      product(range(50), range(9), ['a', 'b']),
      product(range(200), range(16), product()),
      product(range(300), range(40)),
      product([long, 'b'], range(5)),
      product(range(2), [long, long, 'c']),
      product([1], range(70_000)),
      product(
        range(2),
        product(
          [long, 'x'],
          Array.from({ length: 20 }, (_, at) => at),
        ),
      ),
    ]) {
      assert.ok(pool instanceof LazyPool);
      const spelt = Array.from({ length: pool.length }, (_, index) => pool.spell(index));
      assert.deepEqual(linesOf(pool, 0), spelt);
      assert.deepEqual(linesOf(pool, 3), spelt.slice(3));
    }
  });

  it('makes objects anew for each job, which may write into them', () => {
    const pool = product([{ depth: 1, layers: [1, 2] }], range(2));
    assert.ok(pool instanceof LazyPool);
    const recipe = pool.recipe();
    assert.ok(recipe !== undefined);
    const jobs = followRecipe(recipe);
    const [first] = jobs.args(0);
    Object.assign(Object(first), { depth: 7 });
    assert.deepEqual(jobs.args(0), [{ depth: 1, layers: [1, 2] }, 0]);
    assert.deepEqual(jobs.args(1), [{ depth: 1, layers: [1, 2] }, 1]);
  });

  it('is not given where it would be long, or cannot be spelt', () => {
    const recipeOf = (pool: AnyPool): unknown => (pool instanceof LazyPool ? pool.recipe() : pool);
    assert.equal(recipeOf(product(Array.from({ length: 65_537 }, (_, at) => at))), undefined);
    assert.equal(recipeOf(product(['x'.repeat(1_000_001)])), undefined);
    assert.equal(recipeOf(range(-0, -3, -1)), undefined);
    assert.equal(recipeOf(product([1], [() => 1])), undefined);
    assert.equal(recipeOf(zip(range(2), [1, Symbol('s')])), undefined);
  });
});
