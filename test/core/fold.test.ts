import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attemptNumber, hex, type JobIndex, jobIndex, machineName, workerId } from '../../src/core/ids.ts';
import { type FoldedOutcome, JournalFold } from '../../src/core/journal/fold.ts';
import { decodeLine, encodeLine } from '../../src/core/journal/line.ts';
import { encodeFailedAttempt, encodeHeader, encodeSession } from '../../src/core/journal/record.ts';
import { Settled } from '../../src/core/journal/settled.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { encodeOutcomes } from '../fixtures/encode-outcomes.ts';

const digest = hex('0'.repeat(64));
const header = encodeHeader({
  ...{ experiment: 'x', machine: machineName('m'), experimentDigest: digest, planDigest: digest },
  ...{ seed: 's', stream: 'same', total: 100, share: 100 },
});
const session = encodeSession({
  ...{ startedAtMs: 1, codeFingerprint: digest, host: 'h', pid: 1, cores: 1, target: 't', versions: {} },
});

function outcomeOf(job: number, value: string): string {
  return encodeOutcomes(
    [
      {
        ...{ job: jobIndex(job), attempt: attemptNumber(1), worker: workerId(1) },
        ...{ startedAtMs: 1, endedAtMs: 2, runMs: 1, rowsJson: `[[${value}]]` },
      },
    ],
    () => ({ argsJson: `[${job}]`, occurrence: 0 }),
  );
}

const failedAttempt = encodeFailedAttempt(
  { job: jobIndex(7), attempt: attemptNumber(1) },
  { cause: 'error', message: 'm', stack: '' },
);

function write(bodies: readonly string[], firstSeq = 0): string[] {
  return bodies.map((body, index) => encodeLine(firstSeq + index, body, checksum).slice(0, -1));
}

function fold(lines: readonly string[]): JournalFold {
  const result = new JournalFold(checksum);
  for (const line of lines) result.add(line);
  return result;
}

/** What the lines say, by a second reading. */
function outcomesOf(lines: readonly string[]): Map<JobIndex, FoldedOutcome> {
  const found = fold(lines);
  const settled = new Settled({ fold: found, lines: found.now.lines });
  const outcomes = new Map([...settled.outcomes(lines, checksum)].map((it) => [it.outcome.job, it]));
  assert.equal(outcomes.size, settled.size);
  return outcomes;
}

const jobsOf = (lines: readonly string[]): JobIndex[] => [...outcomesOf(lines).keys()];

const valueIn = (lines: readonly string[], job: number): unknown => {
  const result = outcomesOf(lines).get(jobIndex(job))?.outcome.result;
  return result?.status === 'succeeded' ? result.rows[0]?.[0] : undefined;
};

describe('a journal with damage', () => {
  const lines = write([
    header,
    session,
    outcomeOf(1, '"one"'),
    failedAttempt,
    outcomeOf(2, '"two"'),
    outcomeOf(3, '3'),
  ]);

  it('undamaged: no problem', () => {
    const found = fold(lines);
    assert.deepEqual(found.problems, []);
    assert.equal(found.nextSeq, lines.length);
    assert.deepEqual(jobsOf(lines), [1, 2, 3]);
  });

  it('a corrupt line in the middle is reported with its number, once, and the rest is used', () => {
    const damaged = lines.with(2, (lines[2] ?? '').replace('one', 'own'));
    const found = fold(damaged);
    assert.deepEqual(found.problems, [{ line: 3, problem: 'wrong checksum' }]);
    assert.deepEqual(jobsOf(damaged), [2, 3]);
    assert.equal(found.nextSeq, lines.length);
  });

  it('a missing line is noticed', () => {
    const found = fold(lines.toSpliced(2, 1));
    assert.deepEqual(found.problems, [{ line: 3, problem: 'lines 2 to 2 are missing before it' }]);
    assert.deepEqual(jobsOf(lines.toSpliced(2, 1)), [2, 3]);
  });

  it('a stray line does not make the following ones count as repeated', () => {
    const found = fold(lines.toSpliced(1, 0, 'what is this?'));
    assert.deepEqual(found.problems, [{ line: 2, problem: 'not a journal line' }]);
    assert.deepEqual([found.sessions.length, found.now.lines.size, found.failedAttempts.length], [1, 3, 1]);
  });

  it('after corrupt last lines no number is used twice', () => {
    const found = fold(lines.with(-1, 'x'));
    const more = write([outcomeOf(4, '4')], found.nextSeq);
    assert.deepEqual(fold([...lines.with(-1, 'x'), ...more]).problems, [{ line: 6, problem: 'not a journal line' }]);
  });

  it('a line that stands twice pushes aside nothing that came later, and charges nothing twice', () => {
    const old = write([header, session, outcomeOf(1, '"old"'), failedAttempt, outcomeOf(1, '"new"')]);
    const twice = [...old, old[2] ?? '', old[3] ?? ''];
    const found = fold(twice);
    assert.equal(valueIn(twice, 1), 'new');
    assert.equal(found.failedAttempts.length, 1);
    assert.deepEqual(
      found.problems.map(({ line }) => line),
      [6, 7],
    );
  });

  it('outcomes count although their session line is damaged', () => {
    const found = outcomesOf(lines.with(1, 'gone'));
    assert.deepEqual([...found.keys()], [1, 2, 3]);
    assert.equal(found.get(jobIndex(1))?.session.host, 'unknown');
  });

  it('lines with the right checksum that nobody sane wrote are reported', () => {
    const deep = `{"type":"outcomes","list":[{"job":1,"args":${'['.repeat(50_000)}${']'.repeat(50_000)},"rows":[[1]]}]}`;
    const bodies = [header, '{"type":"session","host":{"toString":1}}', deep, '{"type":7}'];
    const found = fold([...write(bodies), encodeLine(0, '{"seq":-1,"type":"x"}', checksum).trimEnd()]);
    assert.equal(found.problems.length, 4);
    assert.equal(found.now.lines.size, 0);
  });

  it('what is no journal at all does not fill the memory with complaints', () => {
    assert.ok(fold(Array.from({ length: 5_000 }, () => 'x')).problems.length <= 1_000);
  });
});

describe('any mutation of a journal', () => {
  const value = fc.oneof(
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const body = fc.oneof(
    fc.tuple(fc.nat(20), value).map(([job, it]) => outcomeOf(job, JSON.stringify(it))),
    fc.constant(session),
    fc.constant(failedAttempt),
  );
  const mutation = fc.record({
    kind: fc.constantFrom('byte', 'cut', 'drop', 'repeat', 'swap', 'insert'),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    byte: fc.nat(255),
  });

  it('never throws, invents nothing, keeps what every undamaged line says', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 12 }), fc.array(mutation, { maxLength: 6 }), (bodies, mutations) => {
        const lines = write([header, session, ...bodies]);
        const damaged = readLines(mutations.reduce(mutate, Buffer.from(`${lines.join('\n')}\n`)));
        const found = fold(damaged);
        const whole = new Set(lines);
        const kept = damaged.filter((line) => decodeLine(line, checksum).ok);
        for (const line of kept) assert.ok(whole.has(line), 'a line that was not there');
        const told = jobsIn(kept);
        const outcomes = outcomesOf(damaged);
        assert.deepEqual(new Set(outcomes.keys()), new Set(told.keys()));
        for (const [job, { outcome }] of outcomes) {
          assert.ok(told.get(job)?.includes(JSON.stringify(outcome.result)), `another result of job ${job}`);
        }
        if (mutations.length === 0) assert.deepEqual(found.problems, []);
        else if (damaged.join('\n') !== lines.join('\n') && damaged.length === lines.length) {
          assert.ok(found.problems.length > 0, 'damage without a report');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

/** All results that single lines tell, by job. */
function jobsIn(lines: readonly string[]): Map<JobIndex, string[]> {
  const told = new Map<JobIndex, string[]>();
  for (const line of lines) {
    for (const [job, { outcome }] of outcomesOf([line])) {
      told.set(job, [...(told.get(job) ?? []), JSON.stringify(outcome.result)]);
    }
  }
  return told;
}

function mutate(file: Buffer, { kind, at, byte }: { kind: string; at: number; byte: number }): Buffer {
  const position = Math.floor(at * file.length);
  const lines = readLines(file);
  const line = Math.floor(at * lines.length);
  switch (kind) {
    case 'byte':
      return Buffer.concat([file.subarray(0, position), Buffer.of(byte), file.subarray(position + 1)]);
    case 'insert':
      return Buffer.concat([file.subarray(0, position), Buffer.of(byte), file.subarray(position)]);
    case 'cut':
      return file.subarray(0, position);
    case 'drop':
      return join(lines.toSpliced(line, 1));
    case 'repeat':
      return join(lines.toSpliced(byte % (lines.length + 1), 0, lines[line] ?? ''));
    default:
      return join(lines.with(line, lines[byte % lines.length] ?? '').with(byte % lines.length, lines[line] ?? ''));
  }
}

/** As the journal file is read: whole lines only. */
function readLines(file: Buffer): string[] {
  const text = file.toString('utf8');
  const end = text.lastIndexOf('\n');
  return end < 0 ? [''] : text.slice(0, end).split('\n');
}

function join(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n`);
}
