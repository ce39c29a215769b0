import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attemptNumber, jobIndex, workerId } from '../../src/core/ids.ts';
import { Estimate } from '../../src/core/progress/estimate.ts';
import { RunProgress } from '../../src/core/progress/run-progress.ts';
import { SmoothRate } from '../../src/core/progress/smooth-rate.ts';
import { TimeHistogram } from '../../src/core/progress/time-histogram.ts';

describe('what is left', () => {
  it('is exact for equal jobs, however many and long, from the first answers on', () => {
    const numbers = fc.record({
      workers: fc.integer({ min: 1, max: 64 }),
      jobMs: fc.integer({ min: 1, max: 10_000_000 }),
      rounds: fc.integer({ min: 2, max: 50 }),
    });
    fc.assert(
      fc.property(numbers, ({ workers, jobMs, rounds }) => {
        const estimate = new Estimate();
        estimate.pass(0, workers);
        estimate.pass(jobMs, workers);
        estimate.learn(workers, workers * jobMs, jobMs);
        const running = Array.from({ length: workers }, () => ({ elapsedMs: 0, fraction: undefined, saidAtMs: 0 }));
        const leftMs = estimate.leftMs((rounds - 2) * workers, running, workers) ?? Number.NaN;
        const trueMs = (rounds - 1) * jobMs;
        assert.ok(Math.abs(leftMs / trueMs - 1) < 1e-6, `${leftMs} of ${trueMs}`);
      }),
    );
  });

  it('is the longest job when that tells how far it is and nothing waits', () => {
    const estimate = new Estimate();
    estimate.pass(0, 2);
    estimate.pass(1_000, 2);
    estimate.learn(99, 1_000, 20);
    const leftMs = estimate.leftMs(0, [{ elapsedMs: 1_000, fraction: 0.1, saidAtMs: 1_000 }], 2) ?? Number.NaN;
    assert.ok(leftMs > 6_000 && leftMs < 9_000, String(leftMs));
  });

  it('is unknown at first, never negative, never not a number', () => {
    assert.equal(new Estimate().leftMs(3, [], 2), undefined);
    const step = fc.record({
      passedMs: fc.nat(100_000),
      jobs: fc.nat(5),
      maxMs: fc.nat(100_000),
      waiting: fc.nat(500),
    });
    const nothing = { passedMs: 0, jobs: 0, maxMs: 0, waiting: 0 };
    const job = fc.record({
      elapsedMs: fc.nat(1_000_000),
      fraction: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      saidAtMs: fc.nat(1_000_000),
    });
    fc.assert(
      fc.property(fc.array(step), fc.array(job, { maxLength: 4 }), (steps, running) => {
        const estimate = new Estimate();
        let nowMs = 0;
        for (const { passedMs, jobs, maxMs, waiting } of steps) {
          nowMs += passedMs;
          estimate.pass(nowMs, 4);
          if (jobs > 0) estimate.learn(jobs, maxMs * jobs, maxMs);
          const leftMs = estimate.leftMs(waiting, running, 4);
          assert.ok(leftMs === undefined || (leftMs >= 0 && Number.isFinite(leftMs)), String(leftMs));
        }
      }),
      {
        examples: [
          [[nothing, { ...nothing, passedMs: 1 }], [{ elapsedMs: 0, fraction: Number.MIN_VALUE, saidAtMs: 0 }]],
        ],
      },
    );
  });
});

describe('a rate', () => {
  it('is that of steady events, and follows a change within some windows', () => {
    const rate = new SmoothRate(0);
    assert.equal(rate.at(5_000), undefined);
    for (let atMs = 5_000; atMs <= 105_000; atMs += 100) rate.add(1, atMs);
    assert.ok(Math.abs((rate.at(105_000) ?? 0) - 10) < 0.5, String(rate.at(105_000)));
    for (let atMs = 106_000; atMs <= 165_000; atMs += 1_000) rate.add(1, atMs);
    assert.ok(Math.abs((rate.at(165_000) ?? 0) - 1) < 0.5, String(rate.at(165_000)));
  });
});

describe('times beyond', () => {
  it('lie in their bins: mean and quantiles of those that took longer', () => {
    const times = fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1 });
    fc.assert(
      fc.property(
        times,
        fc.nat(10_000_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (list, elapsedMs, part) => {
          const histogram = new TimeHistogram();
          for (const ms of list) histogram.learn(ms);
          const beyond = histogram.beyond(elapsedMs);
          const surely = list.filter((ms) => ms > elapsedMs * 1.2);
          const perhaps = list.filter((ms) => ms > elapsedMs);
          if (surely.length > 0) assert.ok(beyond !== undefined);
          if (beyond === undefined) return;
          for (const ms of [beyond.meanMs, beyond.quantileMs(part)]) {
            assert.ok(ms >= Math.min(...perhaps) && ms <= Math.max(...perhaps) * (1 + 1e-9), String(ms));
          }
        },
      ),
    );
  });
});

describe('progress of a run', () => {
  it('belongs to a job that began after others whose answers have not come yet, and ends with its answer', () => {
    const progress = new RunProgress();
    const [worker, job] = [workerId(1), jobIndex(7)];
    progress.take({ type: 'run-started', atMs: 0, total: 10, settled: 3, failed: 1, cores: 1 });
    progress.take({ type: 'job-started', atMs: 1, worker, job: jobIndex(5), attempt: attemptNumber(1) });
    progress.take({ type: 'job-progress', atMs: 5, worker, job, fraction: 0.5, message: 'half' });
    progress.take({ type: 'job-progress', atMs: 6, worker, job, fraction: 0.6 });
    assert.deepEqual(progress.running.get(worker), {
      ...{ worker, job, sinceMs: 5, fraction: 0.6, saidAtMs: 6, message: 'half' },
    });
    const failure = { cause: 'error', message: 'no', stack: '' } as const;
    const outcome = { job, worker, attempt: attemptNumber(1), startedAtMs: 5, endedAtMs: 9, runMs: 4, failure };
    progress.take({ type: 'jobs-settled', atMs: 9, blocks: [], failures: [outcome] });
    assert.deepEqual([progress.settled, progress.failed, progress.running.size], [4, 2, 0]);
  });

  it('while it is drained, only the running jobs are waited for', () => {
    const progress = new RunProgress();
    const about = { worker: workerId(1), job: jobIndex(7) };
    progress.take({ type: 'run-started', atMs: 0, total: 1_000, settled: 0, failed: 0, cores: 1 });
    progress.take({ type: 'job-started', atMs: 0, ...about, attempt: attemptNumber(1) });
    progress.take({ type: 'job-progress', atMs: 60_000, ...about, fraction: 0.5 });
    assert.ok((progress.readyAtMs(60_000) ?? 0) > 100 * 60_000);
    const asked = { how: 'drain', reason: 'stopped', isBySignal: true, running: 1, longestLeftMs: undefined } as const;
    progress.take({ type: 'stopping', atMs: 60_001, ...asked });
    const leftMs = (progress.readyAtMs(60_001) ?? 0) - 60_001;
    assert.ok(leftMs > 50_000 && leftMs < 70_000, String(leftMs));
  });
});
