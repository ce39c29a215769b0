import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseMachines } from '../../src/config/machines.ts';
import { attemptNumber, hex, type JobIndex, jobIndex, machineName, workerId } from '../../src/core/ids.ts';
import { isNumbersRow, sliceBlock } from '../../src/core/journal/block-slices.ts';
import { decodeLine, encodeLine } from '../../src/core/journal/line.ts';
import { decodeRecord } from '../../src/core/journal/record.ts';
import { encodeJson } from '../../src/core/json.ts';
import type { Candidate, Origin } from '../../src/core/merge/candidate.ts';
import { chooseOutcome, type OnConflict } from '../../src/core/merge/choose.ts';
import { uniqueNames } from '../../src/core/merge/column-names.ts';
import { rowTextsOf } from '../../src/core/merge/row-texts.ts';
import { planOrder } from '../../src/core/order.ts';
import { responsibleByPieces } from '../../src/core/rescue/responsible-machine.ts';
import { spellRow } from '../../src/core/row-text.ts';
import { cutShares } from '../../src/core/shares.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { quoteCell } from '../../src/runtime/quote-cell.ts';
import { encodeBlock, roundTimes } from '../fixtures/encode-block.ts';

const own = 'c0de';
const session = { startedAtMs: 1, host: 'h', pid: 1, cores: 1, target: 't', versions: {} };
/** Two machines, two codes. */
const origins: readonly Origin[] = [
  { source: 0, machine: machineName('lab1'), session: { ...session, codeFingerprint: hex(own) } },
  { source: 1, machine: machineName('lab2'), session: { ...session, codeFingerprint: hex(own) } },
  { source: 1, machine: machineName('lab2'), session: { ...session, codeFingerprint: hex('01d') } },
  { source: 2, machine: machineName('lab3'), session: { ...session, codeFingerprint: hex('01de2') } },
];

const about = { job: jobIndex(5), jobThen: 5, attempt: 1, worker: 1, runMicros: 1, filesJson: '' };
const success = (origin: number, json: string, atMs: number, filesJson = ''): Candidate => ({
  ...{ ...about, origin, json, filesJson, status: 'succeeded', startedAtMs: atMs, endedAtMs: atMs },
});
const failure = (origin: number, atMs: number): Candidate => ({
  ...{ ...about, origin, json: '{}', status: 'failed', startedAtMs: atMs, endedAtMs: atMs },
});
const choose = (candidates: readonly Candidate[], onConflict?: OnConflict) =>
  chooseOutcome(candidates, { origins, code: own, onConflict });

describe('which of several outcomes of one job counts', () => {
  it('success beats failure, whichever came later; of failures the last', () => {
    assert.equal(choose([failure(0, 9), success(1, '[[1]]', 1)])?.chosen.origin, 1);
    assert.equal(choose([failure(0, 9), failure(1, 1)])?.chosen.endedAtMs, 9);
    assert.equal(choose([]), undefined);
  });

  it('equal ones of several machines are evidence; the same line twice is a copy', () => {
    const choice = choose([success(0, '[[1]]', 3), success(1, '[[1]]', 2), success(0, '[[1]]', 3)]);
    assert.deepEqual([choice?.chosen.origin, choice?.equal.length, choice?.copies], [1, 1, 1]);
    const copies = choose([success(0, '[[1]]', 3), success(0, '[[1]]', 3)]);
    assert.deepEqual([copies?.equal.length, copies?.copies, copies?.conflict], [0, 2, undefined]);
  });

  it('different ones of the same code are a conflict, in rows or files, until somebody decides', () => {
    const rows = [success(0, '[[1]]', 3), success(1, '[[2]]', 2)];
    assert.equal(choose(rows)?.conflict?.isDecided, false);
    assert.equal(choose(rows)?.conflict?.between.length, 2);
    assert.equal(choose([success(0, '[[1]]', 3, '[]'), success(1, '[[1]]', 2)])?.conflict?.isDecided, false);
    const first = choose(rows, { kind: 'first' });
    assert.deepEqual([first?.chosen.json, first?.conflict?.isDecided], ['[[2]]', true]);
    const lab1 = choose(rows, { kind: 'machine', machine: machineName('lab1') });
    assert.deepEqual([lab1?.chosen.json, lab1?.conflict?.isDecided], ['[[1]]', true]);
    const nobody = { kind: 'machine', machine: machineName('lab3') } as const;
    assert.equal(choose(rows, nobody)?.conflict?.isDecided, false);
    const itself = [success(0, '[[1]]', 3), success(0, '[[2]]', 2)];
    assert.equal(choose(itself, { kind: 'machine', machine: machineName('lab1') })?.conflict?.isDecided, false);
  });

  it("of several codes this program's counts, else what ended last; no conflict", () => {
    const mixed = choose([success(2, '[[1]]', 9), success(0, '[[2]]', 2), success(3, '[[2]]', 1)]);
    assert.deepEqual([mixed?.chosen.json, mixed?.ofOtherCode.length, mixed?.conflict], ['[[2]]', 1, undefined]);
    assert.equal(mixed?.equal.length, 1);
    assert.equal(choose([success(2, '[[1]]', 9), success(3, '[[2]]', 10)])?.chosen.json, '[[2]]');
  });

  it('does not depend on the order in which they are given', () => {
    const candidate = fc
      .tuple(fc.nat(3), fc.constantFrom('[[1]]', '[[2]]'), fc.nat(3), fc.boolean())
      .map(([origin, json, atMs, isDone]) => (isDone ? success(origin, json, atMs) : failure(origin, atMs)));
    const who = fc.constantFrom<(OnConflict | undefined)[]>(
      undefined,
      { kind: 'first' },
      { kind: 'machine', machine: machineName('lab2') },
    );
    const shuffled = fc
      .array(candidate, { maxLength: 7 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, who, ([list, other], onConflict) => {
        const [a, b] = [choose(list, onConflict), choose(other, onConflict)];
        assert.deepEqual(b?.chosen, a?.chosen);
        assert.equal(b?.conflict?.isDecided, a?.conflict?.isDecided);
        assert.equal(b?.copies, a?.copies);
        assert.deepEqual([b?.equal.length, b?.ofOtherCode.length], [a?.equal.length, a?.ofOtherCode.length]);
        const isDone = list.some(({ status }) => status === 'succeeded');
        assert.equal(a?.chosen.status ?? 'none', list.length === 0 ? 'none' : isDone ? 'succeeded' : 'failed');
      }),
      { numRuns: 2_000 },
    );
  });
});

const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', ']', '[', ',"rows":[', 'a,b', '\n', '\\"'),
  fc.array(fc.integer(), { maxLength: 2 }),
  fc.record({ b: fc.string(), a: fc.constant(-0) }),
);
const rows = fc.array(fc.array(value, { maxLength: 3 }), { maxLength: 3 });

describe('a block, cut without decoding it', () => {
  it('gives what decoding it gives', () => {
    const job = fc.record({
      rows,
      args: fc.array(value, { maxLength: 3 }),
      startedAtMs: fc.nat(1e9),
      runMs: fc.float({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(job, { minLength: 1, maxLength: 5 }), (jobs) => {
        const [first, ...more] = jobs.map(({ rows: own, startedAtMs, runMs }, at) =>
          roundTimes({
            ...{ job: jobIndex(at), attempt: attemptNumber(1), worker: workerId(1), rowsJson: encodeJson(own) },
            ...{ startedAtMs, endedAtMs: 0, runMs },
          }),
        );
        assert.ok(first);
        const spell = (at: JobIndex) => ({ argsJson: encodeJson(jobs[at]?.args), occurrence: 0 });
        const text = encodeLine(
          3,
          encodeBlock([first, ...more], spell, { bytes: 0, crc: '00000000' }),
          checksum,
        ).trimEnd();
        const line = decodeLine(text, checksum);
        assert.ok(line.ok);
        const record = decodeRecord(line.body);
        assert.ok('list' in record);
        const slices = sliceBlock(text, jobs.length);
        assert.ok(slices, text);
        for (const [at, { args, startedAtMs, runMs, result }] of record.list.entries()) {
          assert.ok(result.status === 'succeeded');
          assert.equal(slices.args[at], encodeJson(args));
          assert.equal(slices.rows[at], encodeJson(result.rows));
          assert.deepEqual([first.startedAtMs + (slices.begin[at] ?? 0), slices.run[at]], [startedAtMs, runMs]);
        }
      }),
    );
  });

  it('rows are spelt as they are where they are made', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const texts = rowTextsOf(encodeJson(list), quoteCell);
        assert.deepEqual(
          texts.map(({ json, csv, width }) => ({ json, csv, width })),
          list.map((row) => spellRow(row, quoteCell)),
        );
      }),
    );
  });

  it('knows rows of numbers', () => {
    for (const text of ['[[]]', '[[1]]', '[[-1.5,2e+21,1e-7]]']) assert.ok(isNumbersRow(text), text);
    for (const text of [
      '[]',
      '[[1,]]',
      '[[,1]]',
      '[[1][2]]',
      '[[1],[2]]',
      '[[null]]',
      '[["1"]]',
      '[[1.]]',
      '[[--1]]',
      '[[1 ]]',
    ]) {
      assert.ok(!isNumbersRow(text), text);
    }
  });
});

describe('who is responsible for a job', () => {
  it('the machine in whose slice of the order it is', () => {
    const machines = parseMachines('{ "a": [1, 2], "b": [2.5, 3], "c": [0.5, 1] }', 'machines.json');
    assert.ok(machines.ok);
    const order = planOrder(500, hex('5eed'), 'shuffled');
    const shares = cutShares(500, machines.value);
    const responsible = responsibleByPieces(shares, order);
    for (const { machine, from, to } of shares) {
      for (let position = from; position < to; position++) {
        assert.equal(responsible(jobIndex(order.at(position) ?? -1)), machine);
      }
    }
  });
});

describe('names of columns', () => {
  it('are all there, none twice, none empty', () => {
    assert.deepEqual(uniqueNames(['n', 'N', '', 'n'], 6), ['n', 'N (2)', 'Column 3', 'n (3)', 'Column 5', 'Column 6']);
  });
});
