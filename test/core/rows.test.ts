import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attemptNumber, jobIndex, workerId } from '../../src/core/ids.ts';
import { decodeRecord } from '../../src/core/journal/record.ts';
import { decodeJson } from '../../src/core/json.ts';
import { encodeRows, Rows } from '../../src/core/rows.ts';
import { copyStorable } from '../../src/core/storable.ts';
import { quoteCell } from '../../src/runtime/quote-cell.ts';
import { encodeOutcomes } from '../fixtures/encode-outcomes.ts';

const problemOf = (result: unknown, columns?: readonly string[]): string => {
  const rows = encodeRows(result, columns, quoteCell);
  return rows.ok ? `fine: [${rows.rows.map(({ json }) => `[${json}]`).join(',')}]` : rows.problem;
};
const trap = (): never => {
  throw new Error('trap');
};

describe('the rows of a job', () => {
  it('name the place of what is wrong', () => {
    const table: readonly [result: unknown, columns: readonly string[] | undefined, problem: RegExp][] = [
      [new Rows([{ energy: 1 }, { energy: undefined }]), ['energy'], /^result\.rows\[1\]\.energy is undefined/],
      [new Rows([[1], undefined]), undefined, /^result\.rows\[1\] is undefined; each of several rows/],
      // biome-ignore lint/suspicious/noSparseArray: it is what is refused
      [new Rows([[1], , [2]]), undefined, /^result\.rows\[1\] is undefined/],
      // biome-ignore lint/suspicious/noSparseArray: it is what is refused
      [[1, , 3], undefined, /^result\[1\] is a hole in an array/],
      [new Rows([[1, 2], [3]]), ['a', 'b'], /^result\.rows\[1\] has 1 value, columns names 2 \(a, b\)/],
      [new Rows([{ a: 1 }, { b: 2 }]), ['a'], /^result\.rows\[1\] has no "a"/],
      [{ a: { toJSON: () => 1 } }, undefined, /^result\.a is an object with a toJSON method/],
      [
        {
          get a() {
            return trap();
          },
        },
        undefined,
        /^result\.a is a getter that throws \(Error: trap\)/,
      ],
      [new Proxy({}, { ownKeys: trap }), undefined, /^result is a value that cannot be read/],
      [new Proxy({}, { getPrototypeOf: trap }), undefined, /cannot be read \(Error: trap\)/],
      [[new BigInt64Array(1)], undefined, /^result\[0\] is a BigInt64Array/],
      ['x'.repeat(17 * 1024 ** 2), undefined, /more than 16777216 characters/],
      [new Float64Array(9 * 1024 ** 2), undefined, /more than 16777216 characters/],
      [new Rows(Array(3).fill('x'.repeat(6 * 1024 ** 2))), undefined, /more than 16777216 characters/],
    ];
    for (const [result, columns, problem] of table) assert.match(problemOf(result, columns), problem);
    assert.throws(() => new Rows(new Set() as never), /takes an array of rows/);
  });

  it('are no objects where no columns are named: the line to add is told', () => {
    const ask = (columns: string, path = 'result'): string =>
      `${path} is an object, and nothing says which column each value belongs to; add to the experiment: columns: [${columns}],`;
    assert.equal(problemOf({ size: 100, energy: Number.NaN }), ask("'size', 'energy'"));
    assert.equal(problemOf(Object.assign(Object.create(null), { größe: [1] })), ask("'größe'"));
    assert.equal(problemOf({ "it's": 1, 'a\u202e\n': 2, 'a b': 3 }), ask('"it\'s", "a\u202e\\n", \'a b\''));
    assert.equal(problemOf(new Rows([[1], { energy: 1 }])), ask("'energy'", 'result.rows[1]'));
    // There is nothing in it that could stand in the wrong place; an object in a cell is JSON.
    assert.equal(problemOf({}), 'fine: [[]]');
    assert.equal(problemOf([{ energy: 1 }]), 'fine: [[{"energy":1}]]');
  });

  it('may be none at all', () => assert.equal(problemOf(new Rows([]), ['a']), 'fine: []'));

  it('hold what was read once, though the value changes while it is read', () => {
    let reads = 0;
    const moving = {
      get a() {
        return reads++ === 0 ? 1 : () => 1;
      },
    };
    assert.equal(problemOf(moving, ['a']), 'fine: [[1]]');
    const list = new Proxy([1, 2], {
      get: (target, key) => (key === '0' && reads++ > 1 ? trap : Reflect.get(target, key)),
    });
    assert.match(problemOf(list), /^fine: \[\[1,2\]\]$/);
  });

  it('are the same after a copy', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copied = copyStorable(value, 'x');
        assert.ok(copied.ok);
        assert.deepStrictEqual(copied.value, value);
      }),
    );
  });
});

describe('an outcome in the journal', () => {
  it('carries its files; one without is as before', () => {
    const times = { startedAtMs: 1, endedAtMs: 2, runMs: 1 };
    const files = [{ name: 'grid/0 "x"', bytes: 3, sha256: 'ab' }];
    const base = {
      job: jobIndex(0),
      attempt: attemptNumber(1),
      worker: workerId(1),
      ...times,
    } as const;
    const read = (outcome: Parameters<typeof encodeOutcomes>[0][number]): unknown => {
      const text = encodeOutcomes([outcome], () => ({ argsJson: '[1]', occurrence: 0 }));
      const record = decodeRecord(decodeJson(text) as Readonly<Record<string, unknown>>);
      return 'list' in record ? record.list[0]?.result : record;
    };
    assert.deepEqual(read({ ...base, rowsJson: '[[1]]', files }), { status: 'succeeded', rows: [[1]], files });
    assert.deepEqual(read({ ...base, rowsJson: '[[1]]' }), { status: 'succeeded', rows: [[1]] });
  });
});
