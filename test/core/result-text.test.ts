import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { ByteText } from '../../src/core/byte-text.ts';
import { CsvLines, type CsvStyle } from '../../src/core/csv-line.ts';
import { jobIndex } from '../../src/core/ids.ts';
import { encodeJson } from '../../src/core/json.ts';
import { projectRows } from '../../src/core/result-row.ts';
import { NumberRow, quickRow, spellRow } from '../../src/core/row-text.ts';
import { encodeRows, Rows } from '../../src/core/rows.ts';
import { copyStorable } from '../../src/core/storable.ts';
import { TimeSpeller } from '../../src/core/time-text.ts';
import { quoteCell } from '../../src/runtime/quote-cell.ts';

const odd = [
  '',
  ',',
  '"',
  '\\',
  '\n',
  '\r',
  ' ',
  ' a',
  '=1+1',
  'é',
  '\u2028',
  '😀',
  -0,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  1e21,
  5e-324,
  null,
];
const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...odd),
  fc.boolean(),
  fc.jsonValue(),
);
const row = fc.oneof(
  fc.array(value),
  fc.array(fc.double()),
  fc.array(fc.integer()),
  fc.array(fc.string()),
  fc.dictionary(fc.string(), value),
);
const textOf = (text: ByteText): string => new TextDecoder().decode(text.bytes);

describe('text of results', () => {
  it('is spelt in one pass as the long way spells it, or left to it', () => {
    const count = { quick: 0, long: 0 };
    fc.assert(
      fc.property(fc.oneof(row, value), (result) => {
        const isObject = typeof result === 'object' && result !== null;
        const quick = quickRow(result, isObject && !Array.isArray(result) ? Object.keys(result) : undefined);
        const copied = copyStorable(result, 'result');
        assert.ok(copied.ok);
        const cells = isObject ? Object.values(Object(copied.value)) : [copied.value];
        const long = spellRow(cells, quoteCell);
        assert.equal(`[${long.json}]`, encodeJson(cells));
        count[quick === undefined ? 'long' : 'quick']++;
        if (quick === undefined) return;
        assert.deepEqual({ json: quick.json, csv: quick.csv, width: quick.width }, long);
        if (!(quick instanceof NumberRow)) return;
        const text = new ByteText();
        text.putNumbers(quick.numbers);
        assert.equal(textOf(text), long.csv);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(count.quick > 1_000 && count.long > 1_000, JSON.stringify(count));
  });

  it('keeps to the columns that are named, in their order', () => {
    const rowsOf = (result: unknown): unknown => {
      const rows = encodeRows(result, ['a', 'b'], quoteCell);
      return rows.ok ? rows.rows.map(({ csv }) => csv) : rows.problem;
    };
    assert.deepEqual(rowsOf({ b: 2, a: 1 }), ['1,2']);
    assert.deepEqual(rowsOf({ a: 1, b: 2 }), ['1,2']);
    assert.match(String(rowsOf({ a: 1, c: 2 })), /has no "b"/);
    assert.match(String(rowsOf([1])), /has 1 value,/);
    assert.match(String(rowsOf(1)), /has 1 value,/);
    assert.deepEqual(rowsOf(new Rows([{ b: 2, a: '"' }, [3, 4]])), ['"""",2', '3,4']);
  });

  it('stands in results.csv as csv-stringify would write it, whatever the columns', () => {
    const flags = [
      'StartTime',
      'JobInterval',
      'JobStartTime',
      'JobDoneTime',
      'JobId',
      'Machine',
      'Attempt',
      'Seed',
      'Arguments',
    ];
    const style = fc.record({
      on: fc.array(fc.boolean(), { minLength: flags.length, maxLength: flags.length }),
      timestamps: fc.constantFrom('iso' as const, 'unix' as const),
      machine: fc.constantFrom('lab1', 'a, "b"', 'é'),
    });
    const job = fc.record({
      job: fc.nat(4_000_000_000),
      args: fc.array(value, { maxLength: 3 }),
      occurrence: fc.nat(2),
      attempt: fc.integer({ min: 1, max: 12 }),
      startedAtMs: fc.integer({ min: 0, max: 4e12 }),
      lateMs: fc.constantFrom(0, 0, 3_600_000),
      runMicros: fc.oneof(fc.nat(2_000), fc.nat(1e12)),
      rows: fc.array(
        row.map((it) => Object.values<unknown>(it)),
        { maxLength: 3 },
      ),
      width: fc.nat(4),
    });
    fc.assert(
      fc.property(style, fc.array(job, { minLength: 1, maxLength: 3 }), ({ on, timestamps, machine }, jobs) => {
        const shape = Object.fromEntries(flags.map((name, at) => [`include${name}`, on[at] === true]));
        const csvStyle = {
          shape: { ...shape, timestamps },
          sessionStartedAtMs: 1_764_030_000_123,
          machine,
          seed: 's',
        } as unknown as CsvStyle;
        const lines = new CsvLines(csvStyle, quoteCell);
        const text = new ByteText(1);
        let expected = '';
        for (const { args, rows, width, lateMs, runMicros, ...facts } of jobs) {
          const spelt = encodeRows(new Rows(rows), undefined, quoteCell);
          assert.ok(spelt.ok);
          const endedAtMs = facts.startedAtMs + Math.round(runMicros / 1_000) + lateMs;
          lines.put(text, { ...facts, argsJson: encodeJson(args), endedAtMs, runMicros }, spelt.rows, width);
          const result = { status: 'succeeded', rows } as const;
          const outcome = {
            ...facts,
            job: jobIndex(facts.job),
            args,
            worker: 1,
            endedAtMs,
            runMs: runMicros / 1_000,
            result,
          };
          const source = { machine: () => machine, seed: 's' };
          const cells = projectRows(outcome, { startedAtMs: csvStyle.sessionStartedAtMs }, source, {
            ...csvStyle.shape,
            width,
          });
          expected += stringify(cells.map((line) => [...line]));
        }
        assert.equal(textOf(text), expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('spells times as Date does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e12, max: 8e15 })), (times) => {
        const speller = new TimeSpeller('iso');
        for (const ms of times) assert.equal(speller.spell(ms), new Date(ms).toISOString());
      }),
      { numRuns: 2_000 },
    );
  });

  it('grows in UTF-8', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      fc.string({ minLength: 40, maxLength: 60 }),
      fc.integer(),
      fc.integer({ min: 0, max: 2_147_483_647 }),
      fc.constantFrom(0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 53),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = new ByteText(0);
        for (const it of pieces) {
          if (typeof it === 'string') text.put(it);
          else text.putInteger(it);
          text.putComma();
        }
        assert.equal(textOf(text), pieces.map((it) => `${it},`).join(''));
      }),
      { numRuns: 5_000 },
    );
  });
});
