import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attemptNumber, hex, type JobIndex, jobIndex, machineName, workerId } from '../../src/core/ids.ts';
import { type FoldedOutcome, JournalFold } from '../../src/core/journal/fold.ts';
import { encodeLine } from '../../src/core/journal/line.ts';
import { matchOutcomes, type PoolNow } from '../../src/core/journal/match.ts';
import { encodeFailedAttempt, encodeHeader, encodeSession, type SpeltJob } from '../../src/core/journal/record.ts';
import { countOccurrences } from '../../src/core/occurrences.ts';
import type { FailedOutcome } from '../../src/core/outcome.ts';
import { poolOfJobs } from '../../src/core/pool.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { encodeBlock } from '../fixtures/encode-block.ts';
import { encodeOutcomes, type Success } from '../fixtures/encode-outcomes.ts';
import { FoldModel } from './fold-model.ts';

/** One grows out of the other; one is another order; one has other jobs; equal jobs are among them. */
const pools = ['abca', 'abcad', 'dacab', 'be'].map((letters): PoolNow => {
  const pool = poolOfJobs([...letters]);
  return { experimentDigest: hex(letters.padEnd(8, '0')), pool, occurrences: countOccurrences(pool) };
});
const poolAt = (number: number): PoolNow => pools[number] ?? assert.fail();

function spellIn({ pool, occurrences }: PoolNow): (job: JobIndex) => SpeltJob {
  return (job) => ({ argsJson: JSON.stringify(pool.at(job)), occurrence: occurrences.get(job) ?? 0 });
}

const header = encodeHeader({
  ...{ experiment: 'x', machine: machineName('m'), experimentDigest: poolAt(0).experimentDigest, planDigest: hex('p') },
  ...{ seed: 's', stream: 'same', total: 4, share: 4 },
});

type Step =
  | { readonly kind: 'session'; readonly pool: number; readonly code: string; readonly wish: string }
  | { readonly kind: 'outcomes' | 'block'; readonly jobs: readonly { job: number; fails: boolean }[] }
  | { readonly kind: 'failed-attempt'; readonly job: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('session' as const),
    pool: fc.nat(pools.length - 1),
    code: fc.constantFrom('old', 'new'),
    wish: fc.constantFrom('', '', 'retryFailed', 'rerunOlderCode'),
  }),
  fc.record({
    kind: fc.constantFrom('outcomes' as const, 'block' as const),
    jobs: fc.uniqueArray(fc.record({ job: fc.nat(9), fails: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ job }) => job,
    }),
  }),
  fc.record({ kind: fc.constant('failed-attempt' as const), job: fc.nat(4) }),
);

/** The bodies of the lines that these steps write; every outcome has a row of its own. */
function bodiesOf(steps: readonly Step[]): string[] {
  let now = poolAt(0);
  const bodies = [header];
  steps.forEach((it, number) => {
    if (it.kind === 'session') {
      now = poolAt(it.pool);
      const wishes = { ...(it.wish !== '' && { [it.wish]: true }) };
      const { experimentDigest } = now;
      const about = { startedAtMs: number, codeFingerprint: hex(it.code), host: 'h', pid: 1, cores: 1, target: 't' };
      bodies.push(encodeSession({ ...about, versions: {}, ...(it.pool > 0 && { experimentDigest }), ...wishes }));
    } else if (it.kind === 'failed-attempt') {
      const failure = { cause: 'error' as const, message: 'm', stack: '' };
      bodies.push(encodeFailedAttempt({ job: jobIndex(it.job), attempt: attemptNumber(1) }, failure));
    } else bodies.push(...bodyOf(it, number, now));
  });
  return bodies;
}

function bodyOf(it: Extract<Step, { kind: 'outcomes' | 'block' }>, number: number, now: PoolNow): string[] {
  const times = { startedAtMs: number, endedAtMs: number + 2, runMs: 1.5 };
  const outcomes = it.jobs
    .filter(({ job }) => job < now.pool.length)
    .map(({ job, fails }): Success | FailedOutcome => {
      const about = { job: jobIndex(job), attempt: attemptNumber(1), worker: workerId(1), ...times };
      if (fails && it.kind === 'outcomes') {
        return { ...about, failure: { cause: 'error', message: `m${number}`, stack: '' } };
      }
      return { ...about, rowsJson: `[["row ${number}.${job}"]]` };
    });
  if (outcomes.length === 0) return [];
  if (it.kind === 'outcomes') return [encodeOutcomes(outcomes, spellIn(now))];
  const [first, ...more] = outcomes.filter((outcome) => 'rowsJson' in outcome);
  return first === undefined ? [] : [encodeBlock([first, ...more], spellIn(now), { bytes: 0, crc: '00000000' })];
}

const damage = fc.record({
  kind: fc.constantFrom('drop', 'repeat', 'swap', 'corrupt'),
  at: fc.nat(),
  other: fc.nat(),
});

function spoil(lines: readonly string[], { kind, at, other }: { kind: string; at: number; other: number }): string[] {
  if (lines.length === 0) return [];
  const [line, to] = [at % lines.length, other % lines.length];
  const text = lines[line] ?? '';
  switch (kind) {
    case 'drop':
      return lines.toSpliced(line, 1);
    case 'repeat':
      return lines.toSpliced(to, 0, text);
    case 'swap':
      return lines.with(line, lines[to] ?? '').with(to, text);
    default:
      return lines.with(line, `${text.slice(0, -3)}~${text.slice(-2)}`);
  }
}

function read(lines: readonly string[], now: PoolNow) {
  const fold = new JournalFold(checksum);
  for (const line of lines) fold.add(line);
  const { settled, gone, moved } = matchOutcomes(fold, now, () => lines, checksum);
  const outcomes = new Map<JobIndex, FoldedOutcome>();
  for (const it of settled.outcomes(lines, checksum)) {
    assert.ok(!outcomes.has(it.outcome.job), `job ${it.outcome.job} is told twice`);
    outcomes.set(it.outcome.job, it);
  }
  return { fold, settled, outcomes, gone, moved };
}

function byJob(outcomes: ReadonlyMap<JobIndex, FoldedOutcome>): readonly [JobIndex, FoldedOutcome][] {
  return [...outcomes].sort(([a], [b]) => a - b);
}

function assertLikeModel(lines: readonly string[]): void {
  const model = new FoldModel(lines);
  for (const now of pools) {
    const { fold, settled, outcomes, gone, moved } = read(lines, now);
    const expected = model.match(now);
    assert.deepEqual(byJob(outcomes), byJob(expected.outcomes));
    assert.deepEqual([gone, moved], [expected.gone, expected.moved]);
    assert.equal(settled.size, outcomes.size);
    const codes: Record<string, number> = {};
    for (const { session } of outcomes.values()) {
      codes[session.codeFingerprint] = (codes[session.codeFingerprint] ?? 0) + 1;
    }
    assert.deepEqual({ ...settled.countCodes() }, codes);
    const failures = byJob(outcomes).filter(([, { outcome }]) => outcome.result.status === 'failed');
    assert.deepEqual([...settled.failures()], failures);
    assert.deepEqual(
      [fold.failedAttempts, fold.retries, fold.sessions],
      [model.failedAttempts, model.retries, model.sessions],
    );
  }
}

describe('a journal read into numbers, and then a second time', () => {
  const write = (steps: readonly Step[]): string[] =>
    bodiesOf(steps).map((body, seq) => encodeLine(seq, body, checksum).trimEnd());

  it('says what holding everything in memory says: pools that change, jobs wished again, lines old and new', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => assertLikeModel(write(steps))),
      { numRuns: 1_500 },
    );
  });

  it('with lines lost, repeated, exchanged and damaged as well', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 15 }),
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        (steps, damages) => assertLikeModel(damages.reduce(spoil, write(steps))),
      ),
      { numRuns: 1_500 },
    );
  });
});
