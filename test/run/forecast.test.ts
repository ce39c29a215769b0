import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMachines } from '../../src/config/machines.ts';
import { machineName } from '../../src/core/ids.ts';
import { cutShares } from '../../src/core/shares.ts';
import { forecastShares, type Seen } from '../../src/run/forecast.ts';

const machines = parseMachines('{ "a": [1, 2], "b": [2, 3], "c": [0.5, 4] }', 'machines.json');
assert.ok(machines.ok);
const plan = { machines: machines.value, shares: cutShares(1_000, machines.value) };
const jobs = plan.shares.map(({ from, to }) => to - from);
const seenOf = (seen: Readonly<Record<string, Seen>>): Map<ReturnType<typeof machineName>, Seen> =>
  new Map(Object.entries(seen).map(([name, it]) => [machineName(name), it]));
const leftOf = (...words: Parameters<typeof forecastShares>): readonly (number | undefined)[] =>
  forecastShares(...words).map(({ leftMs }) => leftMs);

describe('when a machine will be ready', () => {
  it('nothing is said where nothing has run', () => {
    assert.deepEqual(leftOf(plan, new Map()), [undefined, undefined, undefined]);
  });

  it('from one machine the others follow by weight; shares by weight × cores end together', () => {
    const [a = 0, b = 0, c = 0] = leftOf(plan, seenOf({ b: { done: 0, failed: 0, meanMs: 50 } }));
    assert.equal(b, ((jobs[1] ?? 0) * 50) / 3);
    assert.equal(a, ((jobs[0] ?? 0) * 100) / 2);
    assert.equal(c, ((jobs[2] ?? 0) * 200) / 4);
    assert.ok(Math.max(a, b, c) - Math.min(a, b, c) < 200);
  });

  it('own job times count before weights, settled jobs are not waited for, the cores of the last start hold', () => {
    const seen = seenOf({
      a: { done: 10, failed: 5, meanMs: 70, cores: 7 },
      b: { done: jobs[1] ?? 0, failed: 0, meanMs: 50 },
    });
    const [a, b, c] = leftOf(plan, seen);
    assert.equal(a, (((jobs[0] ?? 0) - 15) * 70) / 7);
    assert.equal(b, 0);
    // 70 on weight 1, and 100 if b's are brought to weight 1: 85 together.
    assert.equal(c, ((jobs[2] ?? 0) * 170) / 4);
    assert.deepEqual(forecastShares(plan, seen)[0]?.jobs, { total: jobs[0], done: 10, failed: 5 });
  });

  it('a sample gives the time of weight 1', () => {
    assert.equal(leftOf(plan, new Map(), 60)[1], ((jobs[1] ?? 0) * 30) / 3);
    assert.equal(leftOf(plan, new Map(), 1e15)[1], undefined);
  });
});
