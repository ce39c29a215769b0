import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteText } from '../../src/core/byte-text.ts';
import { CsvLines } from '../../src/core/csv-line.ts';
import { attemptNumber, jobIndex, workerId } from '../../src/core/ids.ts';
import { readBlock } from '../../src/core/journal/block.ts';
import { BlockText } from '../../src/core/journal/block-text.ts';
import { spellCrc } from '../../src/core/journal/line.ts';
import { encodeJson } from '../../src/core/json.ts';
import { encodeRows, Rows } from '../../src/core/rows.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { quoteCell } from '../../src/runtime/quote-cell.ts';
import { encodeBlock } from '../fixtures/encode-block.ts';
import type { Success } from '../fixtures/encode-outcomes.ts';

const value = fc.oneof(fc.double(), fc.string({ unit: 'binary' }), fc.constantFrom(Number.NaN, -0, null, true, [[1]]));
const job = fc.record({
  job: fc.nat(2 ** 32 - 2),
  args: fc.array(value, { maxLength: 3 }),
  occurrence: fc.constantFrom(0, 0, 0, 3),
  startedAtMs: fc.integer({ min: 0, max: 4e12 }),
  lateMs: fc.constantFrom(0, 0, 0, 3_600_000, -1),
  runMicros: fc.oneof(fc.nat(3_000), fc.nat(1e12)),
  rows: fc.array(fc.array(value, { maxLength: 3 }), { maxLength: 3 }),
  files: fc.constantFrom(undefined, undefined, [{ name: 'é', bytes: 1, sha256: '0' }]),
});
const shape = {
  ...{ includeStartTime: true, includeJobInterval: true, includeJobStartTime: true, includeJobDoneTime: true },
  ...{ includeJobId: true, includeMachine: false, includeAttempt: false, includeSeed: true, includeArguments: true },
  timestamps: 'iso' as const,
};
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('a block as a worker spells it', () => {
  it('is what the plain encoder gives, and is read back with the times of day', () => {
    const lines = new CsvLines({ shape, sessionStartedAtMs: 0, machine: 'm', seed: 's' }, quoteCell);
    const text = new BlockText(7, lines);
    const unblocked = new CsvLines({ shape, sessionStartedAtMs: 0, machine: 'm', seed: 's' }, quoteCell);
    const csvText = new ByteText();
    fc.assert(
      fc.property(fc.array(job, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (jobs, attempt) => {
        const ends = jobs.map((it) => it.startedAtMs + Math.round(it.runMicros / 1_000) + it.lateMs);
        csvText.clear();
        jobs.forEach(({ job: index, occurrence, args, rows, files, ...given }, at) => {
          const times = { ...given, endedAtMs: ends[at] ?? 0 };
          const argsJson = encodeJson(args);
          const spelt = encodeRows(new Rows(rows), undefined, quoteCell);
          assert.ok(spelt.ok && text.takes(attempt));
          const call = { index, attempt, occurrence, putArgs: (to: ByteText) => to.put(argsJson) };
          text.add({ job: call, ...times }, spelt.rows, files, 0);
          unblocked.put(csvText, { job: index, attempt, occurrence, argsJson, ...times }, spelt.rows, 0);
        });
        assert.ok(!text.takes(attempt + 1));
        const taken = text.take(checksum);
        const [body, csv] = [textOf(taken.body), textOf(taken.csv)];
        assert.equal(csv, textOf(csvText.bytes));
        assert.deepEqual(
          [taken.jobs, taken.bodyBytes, taken.csvBytes],
          [jobs.length, taken.body.length, taken.csv.length],
        );
        assert.equal(taken.maxMs, Math.max(...jobs.map(({ runMicros }) => runMicros / 1_000)));
        assert.deepEqual(
          readBlock(taken.body).map(({ endedAtMs }) => endedAtMs),
          ends,
        );
        const [first, ...more] = jobs.map(
          (it): Success => ({
            ...{ worker: workerId(7), attempt: attemptNumber(attempt), job: jobIndex(it.job) },
            ...{
              startedAtMs: it.startedAtMs,
              endedAtMs: 0,
              runMs: it.runMicros / 1_000,
              rowsJson: encodeJson(it.rows),
            },
            ...(it.files && { files: it.files }),
          }),
        );
        assert.ok(first);
        let next = 0;
        const spell = () => {
          const it = jobs[next++];
          return { argsJson: encodeJson(it?.args), occurrence: it?.occurrence ?? 0 };
        };
        const plain = encodeBlock([first, ...more], spell, {
          bytes: taken.csv.length,
          crc: spellCrc(checksum(csv)),
        });
        assert.equal(body.replace(/,"late":\[[-,\d]*\]/, ''), plain);
      }),
      { numRuns: 3_000 },
    );
  });
});
