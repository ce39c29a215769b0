import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FoldedOutcome } from '../../src/core/journal/fold.ts';
import { FoldedRows } from '../../src/run/merge/fold-rows.ts';
import { reduceRows } from '../../src/run/reduce.ts';

type Fold = (value: unknown, row: readonly unknown[]) => unknown;

/** What a run and a merge say of the same rows. */
function comeTo(
  reduce: Fold,
  rows: readonly (readonly unknown[])[],
  reduceStart?: unknown,
): readonly [unknown, string | undefined] {
  const outcomes = rows.map((row, job) => ({ outcome: { job, result: { status: 'succeeded', rows: [row] } } }));
  const here = reduceRows(
    { jobs: [], job: () => 0, reduce, reduceStart },
    () => outcomes as unknown as FoldedOutcome[],
  );
  const merged = new FoldedRows({ reduce, reduceStart });
  for (const [job, row] of rows.entries()) merged.add(job, JSON.stringify([row]));
  assert.deepEqual([merged.value, merged.problem], [here.value, here.problem]);
  return [here.value, here.problem];
}

describe('what reduce comes to', () => {
  it('must be something that summary.json can hold; else it is told, instead of lost', () => {
    const sum: Fold = (value, [n]) => Number(value) + Number(n);
    assert.deepEqual(comeTo(sum, [[1], [2]], 0), [3, undefined]);
    const cannot = 'reduce came to what summary.json cannot hold: reduced';
    for (const [reduce, problem] of [
      [() => new Map([[1, 2]]), `${cannot} is a Map`],
      [() => ({ at: [new Date(0)] }), `${cannot}.at[0] is a Date`],
      [() => 1n, `${cannot} is a bigint`],
      [() => undefined, 'reduce returned nothing; does it lack a return?'],
    ] as const) {
      const [value, said] = comeTo(reduce, [[1]]);
      assert.equal(value, undefined);
      assert.ok(said?.startsWith(problem), said);
    }
  });

  it('is the start value where there are no rows, also nothing', () => {
    assert.deepEqual(
      comeTo(() => 1n, []),
      [undefined, undefined],
    );
    assert.deepEqual(
      comeTo(() => 1n, [], [7]),
      [[7], undefined],
    );
  });
});
