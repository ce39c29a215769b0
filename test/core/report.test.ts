import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hex, jobIndex, machineName } from '../../src/core/ids.ts';
import type { JournalledOutcome } from '../../src/core/journal/journalled-outcome.ts';
import type { Failure } from '../../src/core/outcome.ts';
import { ArgumentCounts } from '../../src/core/report/argument-counts.ts';
import { citeRun } from '../../src/core/report/citation.ts';
import { findCommonArguments } from '../../src/core/report/common-arguments.ts';
import { cutBuckets, DurationHistogram } from '../../src/core/report/duration-histogram.ts';
import { FailureGroups } from '../../src/core/report/failure-groups.ts';
import { JobTally, MachineTally, timeBinsMax } from '../../src/core/report/job-tally.ts';
import { normaliseFailure } from '../../src/core/report/normalise-failure.ts';
import { occupancySteps } from '../../src/core/report/plot-data.ts';
import { composeReport, type Report, type Run } from '../../src/core/report/report.ts';
import { imbalanceOf, suggestWeights } from '../../src/core/report/suggest-weights.ts';
import { TimeGrid } from '../../src/core/report/time-grid.ts';
import { layLanes } from '../../src/core/report/worker-lanes.ts';

function assertAscending(list: readonly number[]): void {
  assert.deepEqual(
    list.toSorted((a, b) => a - b),
    list,
  );
}

const time = fc.integer({ min: -1e12, max: 4e12 });
const span = fc.tuple(time, fc.integer({ min: 0, max: 1e10 })).map(([from, ms]) => [from, from + ms] as const);

describe('time grid', () => {
  const fill = (spans: readonly (readonly [number, number])[], binsMax: number) => {
    const grid = new TimeGrid(binsMax);
    const series = grid.createSeries();
    for (const [from, to] of spans) series.addSpan(from, to);
    return { grid, series };
  };
  const sorted = (bins: ReadonlyMap<number, number>) => [...bins].sort(([a], [b]) => a - b);

  it('loses no time, stays within its bins and does not depend on the order', () => {
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 2, max: 50 }),
        (spans, binsMax) => {
          const { grid, series } = fill(spans, binsMax);
          const sum = [...series.bins.values()].reduce((a, b) => a + b, 0);
          assert.equal(
            sum,
            spans.reduce((total, [from, to]) => total + to - from, 0),
          );
          const [first, last] = [Math.min(...spans.flat()), Math.max(...spans.flat())].map((ms) => grid.binOf(ms));
          assert.ok((last ?? 0) - (first ?? 0) < binsMax);
          for (const [bin, ms] of series.bins) {
            assert.ok(bin >= (first ?? 0) && bin <= (last ?? 0));
            assert.ok(ms <= spans.length * grid.widthMs);
          }
          const other = fill(spans.toReversed(), binsMax);
          assert.equal(other.grid.widthMs, grid.widthMs);
          assert.deepEqual(sorted(other.series.bins), sorted(series.bins));
        },
      ),
    );
  });

  it('is no coarser than needed', () => {
    const { grid } = fill([[0, 1_024]], 1_024);
    assert.equal(grid.widthMs, 2);
    assert.equal(fill([[0, 1_023]], 1_024).grid.widthMs, 1);
  });
});

describe('lanes of workers', () => {
  // So short that many begin when another ends.
  const shortSpan = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 10 }))
    .map(([from, ms]) => [from, from + ms] as const);

  it('keep every worker, never two at a time, in as few lanes as possible', () => {
    fc.assert(
      fc.property(fc.array(shortSpan, { maxLength: 40 }), (spans) => {
        const workers = spans.map(([fromMs, toMs], id) => ({ fromMs, toMs: toMs + 1, id }));
        const lanes = layLanes(workers);
        assert.deepEqual(new Set(lanes.flat().map(({ id }) => id)), new Set(workers.map(({ id }) => id)));
        for (const lane of lanes) {
          assertAscending(lane.flatMap(({ fromMs, toMs }) => [fromMs, toMs]));
        }
        const atOnce = workers.map(
          ({ fromMs }) => workers.filter((it) => it.fromMs <= fromMs && it.toMs > fromMs).length,
        );
        assert.equal(lanes.length, Math.max(0, ...atOnce));
      }),
    );
  });
});

describe('histogram of job times', () => {
  const times = fc.array(fc.double({ min: 0.002, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });

  it('gives quantiles to 2.3 %, and counts every job once', () => {
    fc.assert(
      fc.property(
        times,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 60 }),
        (list, share, most) => {
          const histogram = new DurationHistogram();
          for (const ms of list) histogram.add(ms);
          const exact = list.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * list.length)) - 1] ?? 0;
          const found = histogram.quantileMs(share) ?? 0;
          assert.ok(Math.abs(found / exact - 1) < 0.023, `${found} for ${exact}`);
          const buckets = cutBuckets(histogram.minMs, histogram.maxMs, most);
          assert.ok(buckets.length <= most);
          assert.equal(
            buckets.reduce((sum, bucket) => sum + histogram.countWithin(bucket), 0),
            list.length,
          );
          for (const { fromMs, toMs } of buckets) {
            const within = list.filter((ms) => ms >= fromMs * (1 + 1e-9) && ms < toMs * (1 - 1e-9)).length;
            assert.ok(histogram.countWithin({ fromMs, toMs }) >= within);
          }
        },
      ),
    );
  });

  it('knows mean and standard error', () => {
    const histogram = new DurationHistogram();
    for (const ms of [2, 4, 4, 4, 5, 5, 7, 9]) histogram.add(ms);
    assert.equal(histogram.meanMs, 5);
    assert.ok(Math.abs((histogram.errorMs ?? 0) - Math.sqrt(32 / 7 / 8)) < 1e-12);
  });

  it('takes what no clock should give', () => {
    const histogram = new DurationHistogram();
    for (const ms of [0, 1e-9, 1e300]) histogram.add(ms);
    const buckets = cutBuckets(histogram.minMs, histogram.maxMs, 48);
    assert.equal(
      buckets.reduce((sum, bucket) => sum + histogram.countWithin(bucket), 0),
      3,
    );
  });
});

describe('what failures have in common', () => {
  it('is found where it was planted, with the right counts', () => {
    const sizes = fc.constantFrom(100, 200, 400);
    const jobs = fc.array(fc.tuple(sizes, fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 1_000 })), {
      minLength: 60,
      maxLength: 300,
    });
    fc.assert(
      fc.property(jobs, (list) => {
        const [all, group] = [new ArgumentCounts(), new ArgumentCounts()];
        const failed = list.filter(([size, method]) => size === 400 && method === 'b');
        fc.pre(failed.length >= 2);
        for (const args of list) all.add(args);
        for (const args of failed) group.add(args);
        const found = findCommonArguments(group, all).filter((it) => it.kind === 'value');
        const settled = (at: number, value: unknown) => list.filter((args) => args[at] === value).length;
        assert.deepEqual(
          found.filter((it) => it.failed === failed.length && it.position < 3).sort((a, b) => a.position - b.position),
          [
            { kind: 'value', position: 1, value: '400', failed: failed.length, settled: settled(0, 400) },
            { kind: 'value', position: 2, value: '"b"', failed: failed.length, settled: settled(1, 'b') },
          ],
        );
        assert.deepEqual([...group.shared()].slice(0, 2), [
          [0, 400],
          [1, '"b"'],
        ]);
      }),
    );
  });

  it('is a range where the values are many', () => {
    const [all, group] = [new ArgumentCounts(), new ArgumentCounts()];
    for (let at = 0; at < 1_000; at++) {
      all.add([at / 1_000]);
      if (at >= 900) group.add([at / 1_000]);
    }
    assert.deepEqual(findCommonArguments(group, all), [
      { kind: 'range', position: 1, from: 0.9, to: 0.999, allFrom: 0, allTo: 0.999 },
    ]);
  });

  it('is nothing where all jobs have it, or only one failed', () => {
    const [all, group] = [new ArgumentCounts(), new ArgumentCounts()];
    for (let at = 0; at < 50; at++) all.add(['same', at % 5]);
    for (let at = 0; at < 5; at++) group.add(['same', at]);
    assert.deepEqual(findCommonArguments(group, all), []);
    const one = new ArgumentCounts();
    one.add(['same', 1]);
    assert.deepEqual(findCommonArguments(one, all), []);
  });
});

const failureOf = (message: string, stack: string, cause: Failure['cause'] = 'error'): Failure => ({
  cause,
  message,
  stack,
});

describe('normalised failures', () => {
  const stack = 'Error: x\n    at job (/home/me/sweep.ts:12:5)\n    at run (src/runtime/worker/run-job.ts:1:1)';

  it('are the same whatever number, name or folder stands in them', () => {
    fc.assert(
      fc.property(
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        fc.stringMatching(/^[a-z /.]*$/),
        (number, text) => {
          const one = failureOf(`replicate ${number} of "${text}" diverged`, stack);
          const other = failureOf('replicate -1.5e-7 of "x" diverged', stack.replace('/home/me/', 'C:\\lab\\'));
          assert.equal(normaliseFailure(one), normaliseFailure(other));
        },
      ),
    );
  });

  it('differ by cause, words, line and exit code', () => {
    const keys = [
      failureOf('diverged at 1', stack),
      failureOf('overflow at 1', stack),
      failureOf('diverged at 1', stack.replace(':12:', ':13:')),
      failureOf('diverged at 1', stack, 'unstorable'),
      failureOf('exit code 1', '', 'crash'),
      failureOf('exit code 9', '', 'crash'),
    ].map(normaliseFailure);
    assert.equal(new Set(keys).size, keys.length);
    // Calls of the program itself do not count: journals do not always hold the same ones.
    assert.equal(keys[0], normaliseFailure(failureOf('diverged at 2', stack.replace(/\n.*run-job.*/, ''))));
  });

  it('take anything, quickly, and only so many groups are kept', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 3_000 }),
        (text) => void normaliseFailure(failureOf(text, text)),
      ),
    );
    const groups = new FailureGroups();
    const letters = (at: number): string => [...String(at)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
    for (let at = 0; at < 500; at++)
      groups.add(outcomeOf({ job: at, failed: letters(at) }), failureOf(letters(at), ''), 'm');
    const kept = groups.list().reduce((sum, { count }) => sum + count, 0);
    assert.deepEqual([kept + groups.others, groups.list().length], [500, 200]);
    const startedMs = performance.now();
    normaliseFailure(failureOf('"'.repeat(2_000), `    at ${'/'.repeat(20_000)}`));
    assert.ok(performance.now() - startedMs < 1_000);
  });
});

describe('suggested weights', () => {
  const machines = fc.array(
    fc.record({
      speed: fc.double({ min: 0.1, max: 10, noNaN: true }),
      weight: fc.integer({ min: 1, max: 9 }),
      cores: fc.integer({ min: 1, max: 64 }),
    }),
    { minLength: 2, maxLength: 10 },
  );

  it('follow the speeds, keep the scale, and would end all machines together', () => {
    fc.assert(
      fc.property(machines, (list) => {
        const measured = list.map(({ speed, weight, cores }, at) => {
          const sizes = { jobs: 100 * weight * cores, measured: 50, meanMs: 1_000 / speed, errorMs: 1 };
          return { machine: `m${at}`, weight, cores, ...sizes };
        });
        const advice = suggestWeights(measured);
        const sum = (of: (at: number) => number) =>
          list.reduce((total, _, at) => total + of(at) * (list[at]?.cores ?? 0), 0);
        assert.ok(Math.abs(sum((at) => advice[at]?.suggested ?? 0) / sum((at) => list[at]?.weight ?? 0) - 1) < 0.01);
        for (const [at, { suggested = 0 }] of advice.entries()) {
          const ratio = suggested / (advice[0]?.suggested ?? 1);
          assert.ok(Math.abs(ratio / ((list[at]?.speed ?? 0) / (list[0]?.speed ?? 1)) - 1) < 0.011);
        }
        const fair = suggestWeights(
          measured.map((it, at) => ({ ...it, jobs: it.cores * (advice[at]?.suggested ?? 0) })),
        );
        assert.ok(Math.abs(imbalanceOf(fair) ?? 1) < 0.02);
        assert.ok((imbalanceOf(advice) ?? -1) > -0.02);
      }),
    );
  });

  it('are not given from a handful of jobs', () => {
    const few = { machine: 'a', weight: 1, cores: 1, jobs: 100, measured: 9, meanMs: 5, errorMs: 1 };
    const [a, b] = suggestWeights([few, { ...few, machine: 'b', measured: 10 }]);
    assert.deepEqual([a?.suggested, b?.suggested], [undefined, 1]);
  });
});

interface Told {
  readonly job: number;
  readonly worker?: number;
  readonly startedAtMs?: number;
  readonly runMs?: number;
  readonly failed?: string | undefined;
}

function outcomeOf({ job, worker = 1, startedAtMs = 0, runMs = 1, failed }: Told): JournalledOutcome {
  const result =
    failed === undefined
      ? ({ status: 'succeeded', rows: [] } as const)
      : ({ status: 'failed', failure: failureOf(failed, '') } as const);
  const times = { startedAtMs, endedAtMs: startedAtMs + Math.round(runMs), runMs };
  return { job: jobIndex(job), args: [job % 3], occurrence: 0, attempt: 1, worker, ...times, result };
}

function runOf(machine: string, tally: MachineTally, total: number): Run {
  const digests = { experimentDigest: hex('a'), planDigest: hex('b') };
  const header = {
    experiment: 'x',
    machine: machineName(machine),
    ...digests,
    seed: 's',
    stream: 'same',
    total,
    share: total,
  } as const;
  const session = { startedAtMs: 0, codeFingerprint: hex('c'), host: 'h', pid: 1, cores: 2, target: 't', versions: {} };
  return {
    folder: machine,
    header,
    sessions: [session],
    ...digests,
    total,
    share: total,
    retried: 0,
    isRunning: false,
    tally,
  };
}

function reportOf(list: readonly Told[], machines = 1): Report {
  const tally = new JobTally();
  const tallies = Array.from({ length: machines }, (_, at) => new MachineTally(`m${at}`));
  const outcomes = list.map(outcomeOf);
  for (const outcome of outcomes) tally.addFailure(outcome, `m${outcome.job % machines}`);
  tally.failures.startComparing();
  for (const outcome of outcomes) tally.add(tallies[outcome.job % machines] ?? new MachineTally(''), 0, outcome);
  const runs = tallies.map((it) => runOf(it.machine, it, list.length)) as [Run, ...Run[]];
  return composeReport({ runs, tally, settled: list.length, repeated: { done: 0, failed: 0 }, notes: [], nowMs: 0 });
}

describe('report', () => {
  const told = fc
    .array(
      fc.record({
        worker: fc.integer({ min: 1, max: 9 }),
        startedAtMs: fc.integer({ min: 1.7e12, max: 1.7e12 + 1e8 }),
        runMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
        failed: fc.option(fc.constantFrom('one way', 'another'), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map((list) => list.map((it, job) => ({ ...it, job })));

  it('counts each job once in every part of it', () => {
    fc.assert(
      fc.property(told, fc.integer({ min: 1, max: 4 }), (list, machines) => {
        const report = reportOf(list, machines);
        const failed = list.filter((it) => it.failed !== undefined).length;
        assert.deepEqual([report.jobs.done, report.jobs.failed], [list.length - failed, failed]);
        assert.equal(
          report.failures.reduce((sum, { count }) => sum + count, 0),
          failed,
        );
        const { plots } = report;
        assert.ok(plots !== undefined);
        const ends = plots.progress.machines.map((curve) => curve.at(-1) ?? 0);
        assert.equal(
          ends.reduce((a, b) => a + b, 0),
          list.length,
        );
        for (const curve of plots.progress.machines) assertAscending(curve);
        assertAscending(plots.progress.timesMs);
        assert.equal(
          plots.timeline.lanes.reduce((sum, { jobs }) => sum + jobs, 0),
          list.length,
        );
        assert.ok(plots.timeline.bins <= timeBinsMax);
        for (const lane of plots.timeline.lanes) {
          assert.equal(lane.occupancy.length, plots.timeline.bins);
          assert.ok([...lane.occupancy].every((step) => occupancySteps.includes(step)));
          assert.equal(lane.failures.length > 0, lane.failed > 0);
        }
        const counted = plots.durations.buckets.flatMap(({ counts }) => counts).reduce((a, b) => a + b, 0);
        assert.equal(counted, list.length - failed);
      }),
      { numRuns: 60 },
    );
  });

  it('draws one job as one job', () => {
    for (const runMs of [0, 1, 40, 64, 100_000]) {
      const { plots } = reportOf([{ job: 0, startedAtMs: 1.79e12, runMs }]);
      assert.ok(plots !== undefined);
      const { progress, rate, timeline } = plots;
      assert.deepEqual([progress.machines[0]?.at(-2) ?? 0, progress.machines[0]?.at(-1)], [0, 1]);
      assert.deepEqual(progress.timesMs.slice(-1), [1.79e12 + runMs]);
      assert.deepEqual(rate.machines[0], Array(2).fill(Number((1_000 / Math.max(1, runMs)).toPrecision(4))));
      assert.equal(new Set(progress.timesMs).size, runMs === 0 ? 1 : progress.timesMs.length);
      assert.match(timeline.lanes[0]?.occupancy ?? '', runMs === 0 ? /^A$/ : runMs > 1_000 ? /^-+[^A-]$/ : /^-+$/);
    }
  });

  it('folds many workers into their machines', () => {
    const list = Array.from({ length: 600 }, (_, job) => ({ job, worker: job, startedAtMs: 1_000, runMs: 1_000 }));
    const { plots } = reportOf(list, 2);
    assert.equal(plots?.timeline.isFolded, true);
    assert.deepEqual(
      plots?.timeline.lanes.map(({ jobs, workers }) => [jobs, workers]),
      [
        [300, 300],
        [300, 300],
      ],
    );
    assert.match(plots?.timeline.lanes[0]?.occupancy ?? '', /^-+A?$/);
  });

  it('takes times that no clock has', () => {
    const strange = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300, -8e15, 8e15, 0, 1.7e12);
    fc.assert(
      fc.property(
        fc.array(fc.record({ startedAtMs: strange, runMs: strange }), { minLength: 1, maxLength: 20 }),
        (list) => {
          const report = reportOf(list.map((it, job) => ({ ...it, job })));
          assert.equal(report.jobs.done, list.length);
          citeRun(report);
        },
      ),
    );
  });

  it('says what was left out, and cites', () => {
    const report = reportOf([
      { job: 0, startedAtMs: Number.NaN },
      { job: 1, startedAtMs: 1.7e12, runMs: 3_600_000 },
    ]);
    assert.match(report.notes.join(), /1 job without usable times/);
    assert.match(
      citeRun(report),
      /^The 2 jobs of the experiment “x” were run with .* on 2023-11-14 \(UTC\), .*\. 2 succeeded, none failed\. /,
    );
  });
});
