import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hex } from '../../src/core/ids.ts';
import type { MachineFacts } from '../../src/core/plan-facts.ts';
import type { RescueChain } from '../../src/core/rescue/generation.ts';
import { countOf, intersect } from '../../src/core/rescue/ranges.ts';
import { type Faults, playPlan } from '../../src/core/simulate/play-plan.ts';
import { playMachine } from '../../src/core/simulate/played-machine.ts';

const facts = (name: string, weight: string, cores: number): MachineFacts => ({ name, weight, cores });
const chainOf = (jobs: number, machines: readonly MachineFacts[]): RescueChain => ({
  plan: { experimentDigest: hex('e'), planDigest: hex('f'), order: 'given', jobs, machines },
  generations: [],
});
const faultsOf = (killAt: [string, number][], slowBy: [string, number][]): Faults => ({
  killAt: new Map(killAt),
  slowBy: new Map(slowBy),
});

describe('a machine under virtual time', () => {
  const range = fc
    .tuple(fc.nat(50), fc.integer({ min: 1, max: 40 }))
    .map(([from, size]) => ({ from, to: from + size }));
  const stops = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 5 });

  it('by aggregation it does the same as job by job', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), range, stops, range, (cores, todo, pauses, more) => {
        const pace = { cores, jobMs: () => 8 };
        const even = playMachine({ ...pace, isEven: true }, [todo]);
        const each = playMachine({ ...pace, isEven: false }, [todo]);
        assert.equal(even.finishMs, each.finishMs);
        assert.equal(even.finishMs, Math.ceil(countOf([todo]) / cores) * 8);
        let nowMs = 0;
        for (const ms of pauses) {
          nowMs += ms;
          for (const machine of [even, each]) machine.advance(nowMs);
          assert.deepEqual(even.done, each.done);
        }
        // Behind what it has, new jobs begin when a core is free.
        const added = { from: more.from + 100, to: more.to + 100 };
        const isIdle = countOf(even.done) === countOf([todo]);
        if (!isIdle) return;
        for (const machine of [even, each]) machine.redirect([added]);
        assert.equal(even.finishMs, nowMs + Math.ceil(countOf([added]) / cores) * 8);
        assert.equal(each.finishMs, even.finishMs);
      }),
    );
  });

  it('job by job: never two jobs on a core at a time, nothing twice, what has begun is finished', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), range, stops, range, (cores, todo, pauses, other) => {
        const pace = { cores, jobMs: (position: number) => 1 + ((position * 7) % 5), isEven: false };
        const machine = playMachine(pace, [todo]);
        const nowMs = pauses.reduce((sum, ms) => sum + ms / 10, 0);
        machine.advance(nowMs);
        const before = countOf(machine.done);
        machine.redirect(intersect([other], [{ from: 0, to: 1_000 }]));
        machine.advance(Number.POSITIVE_INFINITY);
        const { done } = machine;
        assert.ok(countOf(done) >= Math.max(before, countOf([other])));
        assert.equal(countOf(intersect(done, [other])), countOf([other]));
        assert.ok(countOf(done) <= before + cores + countOf([other]));
      }),
    );
  });
});

describe('a plan under virtual time', () => {
  const machines = [facts('lab1', '1', 4), facts('lab2', '2', 4), facts('lab3', '1', 4)];

  it('says who is ready when, what a death leaves, what a rescue brings', () => {
    const play = (faults: Faults) =>
      playPlan({ chain: chainOf(1_600, machines), faults, jobMs: () => 1_000, isEven: true });
    const plain = play(faultsOf([], []));
    assert.deepEqual(
      plain.plain.ends.map(({ endMs }) => endMs),
      [100_000, 100_000, 100_000],
    );
    assert.deepEqual([plain.evenMs, plain.plain.left, plain.rescues], [100_000, 0, []]);
    const killed = play(faultsOf([['lab2', 0.4]], []));
    assert.equal(killed.plain.left, 480);
    // 1,280 jobs for two machines of four cores.
    assert.equal(killed.evenMs, 160_000);
    const [lost] = killed.rescues;
    assert.deepEqual([lost?.kind, lost?.atMs, lost?.left], ['lost', 100_000, 0]);
    // 480 jobs for two machines of four cores.
    assert.equal(lost?.endMs, 160_000);
    const slow = play(faultsOf([], [['lab3', 3]]));
    assert.equal(slow.plain.endMs, 300_000);
    const [all] = slow.rescues;
    assert.equal(all?.left, 0);
    assert.ok(all !== undefined && all.endMs < 130_000, String(all?.endMs));
  });

  it('whatever befalls whom, a rescue completes the plan as long as one machine lives, and never later than it must', () => {
    const name = fc.constantFrom('lab1', 'lab2', 'lab3');
    const kills = fc.uniqueArray(fc.tuple(name, fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 2,
      selector: ([it]) => it,
    });
    const slows = fc.uniqueArray(fc.tuple(name, fc.double({ min: 0.2, max: 9, noNaN: true })), {
      maxLength: 2,
      selector: ([it]) => it,
    });
    fc.assert(
      fc.property(kills, slows, fc.integer({ min: 1, max: 300 }), fc.boolean(), (killed, slowed, jobs, isEven) => {
        const jobMs = isEven ? () => 10 : (position: number) => 5 + ((position * 13) % 11);
        const report = playPlan({ chain: chainOf(jobs, machines), faults: faultsOf(killed, slowed), jobMs, isEven });
        for (const { left, endMs } of report.rescues) {
          assert.equal(left, 0);
          assert.ok(endMs > report.evenMs * (1 - 1e-6), `${endMs} ${report.evenMs}`);
        }
        if (report.plain.left > 0) assert.ok(report.rescues.length > 0);
      }),
    );
  });

  it('10,000 machines and a billion jobs, by aggregation', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => facts(`m${String(at).padStart(5, '0')}`, `1.${at % 10}`, 8));
    const faults = faultsOf([['m00007', 0.4]], [['m00003', 3]]);
    const startedMs = performance.now();
    const report = playPlan({ chain: chainOf(1_000_000_000, many), faults, jobMs: () => 60_000, isEven: true });
    const tookMs = performance.now() - startedMs;
    assert.equal(report.rescues.length, 2);
    for (const { left } of report.rescues) assert.equal(left, 0);
    assert.ok(tookMs < 20_000, `${tookMs} ms`);
  });
});
