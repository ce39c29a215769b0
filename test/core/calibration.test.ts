import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { calibrate, type Measured, spellWeight } from '../../src/core/calibration.ts';

const lab = (machine: string, more: Partial<Measured>): Measured => ({
  machine,
  weight: 1,
  cores: 4,
  workers: 4,
  jobs: 100,
  left: 0,
  meanMs: 1_000,
  activeMs: 25_000,
  ...more,
});

describe('weights from real job times', () => {
  it('a machine half as fast as its weight says gets half the weight; what the imbalance was', () => {
    const { machines, imbalance, lastMs, evenMs } = calibrate([
      lab('a', {}),
      lab('b', { meanMs: 2_000, activeMs: 50_000 }),
    ]);
    const [a, b] = machines;
    assert.ok(a !== undefined && b !== undefined);
    assert.equal(a.newWeight, 2 * b.newWeight);
    assert.ok(Math.abs((a.newWeight + b.newWeight) * 4 - 8) < 1e-9);
    assert.equal(lastMs, 50_000);
    // 200 jobs at 6 a second.
    assert.ok(Math.abs(evenMs - 200_000 / 6) < 1e-6);
    assert.ok(Math.abs(imbalance - 0.5) < 1e-9);
    assert.deepEqual([a.predictedMs, b.predictedMs], [37_500, 37_500]);
  });

  it('what is left is foreseen; other workers than cores count', () => {
    const { machines } = calibrate([lab('a', { left: 40, activeMs: 15_000 }), lab('b', { workers: 2 })]);
    assert.equal(machines[0]?.actualMs, 25_000);
    assert.ok(Math.abs((machines[0]?.newWeight ?? 0) / (machines[1]?.newWeight ?? 1) - 2) < 1e-9);
  });

  it('with the new weights the plan comes out even, whatever was measured', () => {
    const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    const some = fc.record({
      weight: positive,
      cores: fc.integer({ min: 1, max: 64 }),
      meanMs: positive,
      jobs: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 9 }), (list) => {
        const { machines, evenMs } = calibrate(list.map((it, at) => lab(String(at), { ...it, workers: it.cores })));
        const power = machines.reduce((sum, it) => sum + it.newWeight * it.cores, 0);
        const jobs = machines.reduce((sum, it) => sum + it.jobs, 0);
        for (const { newWeight, cores, meanMs } of machines) {
          const share = (jobs * newWeight * cores) / power;
          assert.ok(Math.abs((share * meanMs) / cores / evenMs - 1) < 1e-6);
        }
      }),
    );
  });

  it('weights are spelt as machines.json takes them', () => {
    assert.deepEqual([2.5, 0.012345, 1234.5, 1e-9].map(spellWeight), ['2.5', '0.0123', '1230', '1e-9']);
  });
});
