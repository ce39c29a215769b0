import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomNormal } from 'd3-random';
import fc from 'fast-check';
import { ByteText } from '../../src/core/byte-text.ts';
import { digestPool } from '../../src/core/digest.ts';
import { escapeText } from '../../src/core/escape-text.ts';
import { parseCsv } from '../../src/core/from-csv.ts';
import { hex, jobIndex, machineName } from '../../src/core/ids.ts';
import { decodeLine, encodeLine } from '../../src/core/journal/line.ts';
import { decodeJson, encodeJson } from '../../src/core/json.ts';
import { countOccurrences } from '../../src/core/occurrences.ts';
import { planOrder } from '../../src/core/order.ts';
import { poolOfJobs, product, zip } from '../../src/core/pool.ts';
import { createRandom } from '../../src/core/random.ts';
import { range } from '../../src/core/range.ts';
import { parseRatio } from '../../src/core/ratio.ts';
import { encodeRows, Rows } from '../../src/core/rows.ts';
import { cutShares } from '../../src/core/shares.ts';
import { findUnstorable } from '../../src/core/storable.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { quoteCell } from '../../src/runtime/quote-cell.ts';

const storable = fc
  .jsonValue({ noUnicodeString: false })
  .chain((value) =>
    fc.constantFrom(
      value,
      [value, Number.NaN],
      { $number: value },
      { $literal: value, x: -0 },
      Number.NEGATIVE_INFINITY,
    ),
  );

describe('values', () => {
  it('come back bit for bit from their JSON text', () => {
    fc.assert(
      fc.property(storable, (value) => {
        assert.equal(findUnstorable(value), undefined);
        assert.deepStrictEqual(decodeJson(encodeJson(value)), value);
      }),
    );
  });

  it('that cannot be stored are named with their path', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const [value, path, what] of [
      [{ a: [1, () => 1] }, 'result.a[1]', /function/],
      [[new Date(0)], 'result[0]', /Date/],
      [{ 'a b': undefined }, 'result["a b"]', /undefined/],
      [[1n], 'result[0]', /bigint/],
      [cycle, 'result[0]', /cycle/],
      [new Map(), 'result', /Map/],
    ] as const) {
      const found = findUnstorable(value);
      assert.equal(found?.path, path);
      assert.match(found?.what ?? '', what);
    }
  });

  it('become rows by tuple, object, single value, typed array, several, nothing', () => {
    const rowsOf = (result: unknown, columns?: readonly string[]): string => {
      const rows = encodeRows(result, columns, quoteCell);
      return rows.ok ? `[${rows.rows.map(({ json }) => `[${json}]`).join(',')}]` : `no: ${rows.problem}`;
    };
    assert.equal(rowsOf([1, 'a'], ['x', 'y']), '[[1,"a"]]');
    assert.equal(rowsOf({ y: 1, x: null }, ['x', 'y']), '[[null,1]]');
    assert.equal(rowsOf(-0), '[[{"$number":"-0"}]]');
    assert.equal(rowsOf(new Float32Array([0.5, 2])), '[[0.5,2]]');
    assert.equal(rowsOf(new Rows([[1], [2]]), ['x']), '[[1],[2]]');
    assert.equal(rowsOf(undefined, ['x']), '[[]]');
    assert.match(rowsOf([1], ['x', 'y']), /^no: result has 1 value, columns names 2/);
    assert.match(rowsOf({ x: 1, z: 2 }, ['x', 'y']), /^no: result has no "y"/);
  });
});

describe('the plan', () => {
  it('shuffles every job to exactly one place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.string(), (total, seed) => {
        const order = planOrder(total, hex(seed), 'shuffled');
        assert.deepEqual(new Set(Array.from({ length: total }, (_, at) => order.at(at))).size, total);
      }),
    );
  });

  it('cuts disjoint shares that cover everything, each within one job of its part', () => {
    const machine = fc.record({
      weight: fc.constantFrom('1', '0.1', '2.5', '1e-3', '3.333'),
      cores: fc.integer({ min: 1, max: 64 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.array(machine, { minLength: 1, maxLength: 12 }),
        (total, list) => {
          const machines = list.map(({ weight, cores }, at) => {
            const ratio = parseRatio(weight);
            assert.ok(ratio);
            return { name: machineName(`m${at}`), weight: ratio, cores };
          });
          const shares = cutShares(total, machines);
          assert.equal(shares[0]?.from, 0);
          assert.equal(shares.at(-1)?.to, total);
          for (const [at, share] of shares.entries()) if (at > 0) assert.equal(share.from, shares[at - 1]?.to);
          const power = (at: number): number => Number(list[at]?.weight) * (list[at]?.cores ?? 0);
          const sum = list.reduce((all, _, at) => all + power(at), 0);
          for (const share of shares) {
            const at = Number(share.machine.slice(1));
            assert.ok(Math.abs(share.to - share.from - (total * power(at)) / sum) <= 1 + 1e-6);
          }
        },
      ),
    );
  });

  it('reaches jobs by index as iteration does', () => {
    const pool = product(zip(['a', 'b'], [1, 2]), range(10, 0, -4));
    assert.deepEqual(
      [...pool],
      [
        ['a', 1, 10],
        ['a', 1, 6],
        ['a', 1, 2],
        ['b', 2, 10],
        ['b', 2, 6],
        ['b', 2, 2],
      ],
    );
    for (const [index, job] of [...pool].entries()) assert.deepEqual(pool.at(index), job);
  });

  it('counts equal jobs', () => {
    const pool = poolOfJobs(['a', 'b', 'a', ['a'], 'b', { x: 1, y: 2 }, { y: 2, x: 1 }]);
    const occurrences = countOccurrences(pool);
    assert.deepEqual(
      Array.from({ length: pool.length }, (_, at) => occurrences.get(jobIndex(at)) ?? 0),
      [0, 0, 1, 2, 1, 0, 1],
    );
  });

  it('counts them exactly among many, whatever their texts and however they lie in memory', () => {
    const texts = ['a', 'ä', '€', '😀', ' ', '"', '\\', '\n'];
    const shape = fc.record({
      jobs: fc.integer({ min: 1, max: 150_000 }),
      different: fc.integer({ min: 1, max: 300_000 }),
    });
    const check = fc.property(shape, fc.nat(), ({ jobs, different }, seed) => {
      const random = createRandom(String(seed));
      const list = Array.from({ length: jobs }, () => {
        const kind = random.int(0, different - 1);
        return [kind, (texts[kind % texts.length] ?? '').repeat(kind % 40)];
      });
      const pool = poolOfJobs(list);
      const counts = new Map<unknown, number>();
      const occurrences = countOccurrences(pool);
      for (const [at, [kind]] of list.entries()) {
        const before = counts.get(kind) ?? 0;
        counts.set(kind, before + 1);
        assert.equal(occurrences.get(jobIndex(at)) ?? 0, before, `job ${at}`);
      }
      assert.equal(occurrences.hasRepeats, counts.size < jobs);
    });
    fc.assert(check, { numRuns: 12 });
  });

  it('digests a list as its lines, one by one, however they lie in memory', () => {
    for (const jobs of [1, 4_095, 4_096, 4_097, 20_000]) {
      const pool = poolOfJobs(
        Array.from({ length: jobs }, (_, at) => [at, 'ö'.repeat(at % 997 === 0 ? 50_000 : at % 70)]),
      );
      const putOne = (text: ByteText, at: number): number => {
        text.put(`${pool.spell(at)}\n`);
        return at + 1;
      };
      const lazy = { length: jobs, putLines: putOne };
      assert.equal(digestPool(pool), digestPool(lazy), `${jobs} jobs`);
      for (const from of [0, 1, 4_095, 4_096, jobs - 1].filter((at) => at < jobs)) {
        const text = new ByteText();
        const next = pool.putLines(text, from);
        const lines = Array.from({ length: next - from }, (_, at) => `${pool.spell(from + at)}\n`);
        assert.equal(Buffer.from(text.bytes).toString(), lines.join(''), `${jobs} jobs, from ${from}`);
      }
    }
  });
});

describe('random numbers', () => {
  it('come back from state and restore, and serve d3-random', () => {
    const random = createRandom('s');
    random();
    const state = structuredClone(random.state());
    const next = [random(), random(), random.normal()];
    random.restore(state);
    assert.deepEqual([random(), random(), random.normal()], next);
    assert.equal(typeof randomNormal.source(random)(0, 1)(), 'number');
  });

  it('int reaches both ends and nothing else', () => {
    const random = createRandom('ends');
    const seen = new Set(Array.from({ length: 1_000 }, () => random.int(-2, 3)));
    assert.deepEqual(
      [...seen].sort((a, b) => a - b),
      [-2, -1, 0, 1, 2, 3],
    );
    assert.throws(() => random.int(2, 1), RangeError);
  });
});

describe('texts', () => {
  it('a journal line with any one character changed is noticed', () => {
    fc.assert(
      fc.property(storable, fc.nat(), fc.integer({ min: 32, max: 126 }), (value, where, code) => {
        const line = encodeLine(5, `{"type":"t","value":${encodeJson(value)}}`, checksum).trimEnd();
        assert.ok(decodeLine(line, checksum).ok);
        const at = where % line.length;
        const changed = line.slice(0, at) + String.fromCharCode(code) + line.slice(at + 1);
        if (changed !== line) {
          // A hex digit of the checksum may change its case and mean the same.
          const result = decodeLine(changed, checksum);
          assert.ok(!result.ok || changed.toLowerCase() === line.toLowerCase());
        }
      }),
    );
  });

  it('escaped text holds no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        assert.doesNotMatch(escapeText(text), /[\p{Cc}\u202a-\u202e]/u),
      ),
    );
    assert.equal(escapeText('a\u001b[2Jb\n'), 'a\\x1b[2Jb\\n');
  });

  it('CSV cells come back', () => {
    const cell = fc.string().filter((text) => !text.includes('\r'));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const text = rows.map((row) => row.map((it) => `"${it.replaceAll('"', '""')}"`).join(',')).join('\n');
        assert.deepEqual(
          parseCsv(text).map(({ cells }) => [...cells]),
          rows,
        );
      }),
    );
  });
});
