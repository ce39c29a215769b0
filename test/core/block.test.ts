import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attemptNumber, jobIndex, workerId } from '../../src/core/ids.ts';
import { decodeBlock, decodeBlockHead, readBlock } from '../../src/core/journal/block.ts';
import { decodeHead, decodeLine, encodeLine } from '../../src/core/journal/line.ts';
import type { SpeltJob } from '../../src/core/journal/record.ts';
import { decodeJson, encodeJson } from '../../src/core/json.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { encodeBlock, roundTimes } from '../fixtures/encode-block.ts';
import type { Success } from '../fixtures/encode-outcomes.ts';

const value = fc.oneof(
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(Number.NaN, -0, null, true, ',"args":', { $number: 'NaN' }, { $literal: [1] }, [[1]]),
);
const job = fc.record({
  job: fc.nat(2 ** 32 - 2),
  args: fc.array(value, { maxLength: 3 }),
  occurrence: fc.constantFrom(0, 0, 0, 3),
  startedAtMs: fc.integer({ min: -5_000, max: 4e12 }),
  runMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  rows: fc.array(fc.array(value, { maxLength: 3 }), { maxLength: 3 }),
  files: fc.option(
    fc.array(fc.record({ name: fc.string(), bytes: fc.nat(), sha256: fc.string() }, { noNullPrototype: true }), {
      maxLength: 2,
    }),
    {
      nil: undefined,
    },
  ),
});
const csv = { bytes: 12, crc: '0123abcd' };

interface Written {
  readonly body: string;
  readonly successes: readonly Success[];
  readonly spelt: readonly SpeltJob[];
}

const block = fc
  .tuple(fc.array(job, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 9 }))
  .map(([jobs, number]): Written => {
    const spelt = jobs.map(({ args, occurrence }) => ({ argsJson: encodeJson(args), occurrence }));
    const [first, ...more] = jobs.map(({ job: index, rows, files, startedAtMs, runMs }) =>
      roundTimes({
        ...{ job: jobIndex(index), attempt: attemptNumber(number), worker: workerId(number) },
        ...{ startedAtMs, endedAtMs: 0, runMs, rowsJson: encodeJson(rows), ...(files && { files }) },
      }),
    );
    assert.ok(first);
    let next = 0;
    const body = encodeBlock([first, ...more], () => spelt[next++] ?? assert.fail(), csv);
    return { body, successes: [first, ...more], spelt };
  });

const parse = (body: string): Record<string, unknown> => JSON.parse(body);

describe('a block of successes', () => {
  it('comes back as it was, by whole and by its head', () => {
    fc.assert(
      fc.property(block, ({ body, successes, spelt }) => {
        const list = readBlock(Buffer.from(body));
        const expected = successes.map((success, at) => {
          const { job, attempt, worker, startedAtMs, endedAtMs, runMs, rowsJson, files } = success;
          const { argsJson = '', occurrence } = spelt[at] ?? {};
          const result = { status: 'succeeded', rows: decodeJson(rowsJson), ...(files && { files }) };
          const args = decodeJson(argsJson);
          return { job, args, occurrence, attempt, worker, startedAtMs, endedAtMs, runMs, result };
        });
        assert.deepStrictEqual(list, expected);
        const line = encodeLine(7, body, checksum).slice(0, -1);
        for (const text of [line, Buffer.from(line)]) {
          const [head, whole] = [decodeHead(text, checksum), decodeLine(text, checksum)];
          assert.ok(head.ok && whole.ok && head.seq === 7 && whole.seq === 7);
          assert.ok(!('args' in head.body) && 'args' in whole.body);
          const found = decodeBlockHead(head.body);
          assert.deepEqual(found, { jobs: successes.map((success) => success.job), csv });
          assert.deepEqual(found, decodeBlockHead(whole.body));
        }
      }),
    );
  });

  it('is spelt like this for ever', () => {
    const times = { startedAtMs: 1_764_030_000_000, endedAtMs: 0, runMs: 0.001 };
    const about = { status: 'succeeded' as const, attempt: attemptNumber(1), worker: workerId(2), ...times };
    const files = [{ name: 'a', bytes: 1, sha256: 'f' }];
    const body = encodeBlock(
      [
        { ...about, job: jobIndex(5), rowsJson: '[[0.5]]' },
        { ...about, job: jobIndex(9), rowsJson: '[[1,2],[3,4]]', files, startedAtMs: 1_764_030_000_001, runMs: 12.5 },
      ],
      (it) => ({ argsJson: `[${it},"ü"]`, occurrence: it === 9 ? 1 : 0 }),
      { bytes: 5_120, crc: '1a2b3c4d' },
    );
    assert.equal(
      body,
      '{"type":"block","worker":2,"attempt":1,"start":1764030000000,"csv":[5120,"1a2b3c4d"],"jobs":[5,9],"same":[0,1],' +
        '"args":[[5,"ü"],[9,"ü"]],"begin":[0,1],"run":[0.001,12.5],"rows":[[[0.5]],[[1,2],[3,4]]],' +
        '"files":[null,[{"name":"a","bytes":1,"sha256":"f"}]]}',
    );
  });

  it('whose parts are missing, too few or of another kind is refused, and never throws', () => {
    const spoilt = fc.constantFrom<unknown>(undefined, null, 'x', -1, 1.5, 1e300, [], [null], ['x'], [-1], [[[]]], {});
    const name = fc.constantFrom('worker', 'attempt', 'start', 'csv', 'jobs', 'args', 'begin', 'run', 'rows');
    fc.assert(
      fc.property(block, name, spoilt, ({ body, successes }, member, other) => {
        const before = parse(body);
        const found = decodeBlock({ ...before, [member]: other });
        // What fits by chance: another time, or another list of one job's.
        const fits = member === 'start' || (successes.length === 1 && ['args', 'begin', 'rows'].includes(member));
        assert.ok('problem' in found || fits, `${member}: ${JSON.stringify(other)}`);
      }),
    );
    fc.assert(
      fc.property(block, fc.constantFrom('args', 'begin', 'run', 'rows', 'same', 'files'), ({ body }, member) => {
        const before = parse(body);
        const list = before[member];
        if (!Array.isArray(list)) return;
        for (const other of [[...list, list[0]], list.slice(1), [...list.slice(1), 'x'], {}]) {
          assert.ok('problem' in decodeBlock({ ...before, [member]: other }), `${member}: ${JSON.stringify(other)}`);
        }
      }),
    );
  });
});
