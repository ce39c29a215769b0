import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { digestExperiment, digestPlan, digestPool, type ExperimentParts } from '../../src/core/digest.ts';
import { hex, jobIndex, machineName } from '../../src/core/ids.ts';
import { decodeJson, encodeJson, quickJson } from '../../src/core/json.ts';
import { countOccurrences } from '../../src/core/occurrences.ts';
import { poolOfJobs } from '../../src/core/pool.ts';
import { createRandom } from '../../src/core/random.ts';
import { parseRatio, type Ratio } from '../../src/core/ratio.ts';
import { cutShares, type PlannedMachine } from '../../src/core/shares.ts';
import { createNodeSha256 } from '../../src/runtime/checksum.ts';

function ratio(text: string): Ratio {
  const value = parseRatio(text);
  assert.ok(value, text);
  return value;
}
const machine = (name: string, weight: string, cores: number): PlannedMachine => ({
  name: machineName(name),
  weight: ratio(weight),
  cores,
});

/** |share - exact part| < 1, in whole numbers. */
function assertShares(total: number, machines: readonly PlannedMachine[]): void {
  const shares = cutShares(total, machines);
  const common = machines.reduce((all, { weight }) => all * weight.denominator, 1n);
  const power = new Map(
    machines.map((it) => [it.name, (it.weight.numerator * common * BigInt(it.cores)) / it.weight.denominator]),
  );
  const sum = [...power.values()].reduce((a, b) => a + b, 0n);
  let next = 0;
  for (const { machine, from, to } of shares) {
    assert.equal(from, next);
    next = to;
    const off = BigInt(to - from) * sum - BigInt(total) * (power.get(machine) ?? 0n);
    assert.ok((off < 0n ? -off : off) < sum);
  }
  assert.equal(next, total);
}

describe('shares', () => {
  const weight = fc.oneof(
    fc.constantFrom('1', '0.1', '0.2', '0.3', '2.5', '1e-9', '1e9', '33.333', '0.000001'),
    fc.tuple(fc.integer({ min: 1, max: 999_999 }), fc.integer({ min: -12, max: 9 })).map(([m, e]) => `${m}e${e}`),
  );
  const total = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  it('are disjoint, cover everything, within one job of the exact part, whatever the order of machines', () => {
    const list = fc.array(fc.tuple(weight, fc.integer({ min: 1, max: 512 })), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(total, list, (total, list) => {
        const machines = list.map(([text, cores], at) => machine(`m${at}`, text, cores));
        assertShares(total, machines);
        assert.deepEqual(cutShares(total, machines.toReversed()), cutShares(total, machines));
      }),
      { numRuns: 500 },
    );
  });

  it('of extreme machines', () => {
    assertShares(1_000_003, [machine('a', '1e-9', 1), machine('b', '1e9', 64), machine('c', '0.1', 3)]);
    assertShares(10, [machine('a', '0.1', 1), machine('b', '0.2', 1), machine('c', '0.3', 1)]);
    const thousand = Array.from({ length: 1_000 }, (_, at) =>
      machine(`m${at}`, `${(at % 7) + 1}.${at}`, (at % 64) + 1),
    );
    for (const total of [0, 1, 999, 1_000, 123_457, 2 ** 32 - 1]) assertShares(total, thousand);
  });
});

const argument = fc.oneof(
  fc.jsonValue({ noUnicodeString: false, maxDepth: 2 }),
  fc.constantFrom<unknown>(-0, 0, 1, '1', Number.NaN, 'NaN', Infinity, null, { $number: 'NaN' }, { b: 1, a: -0 }),
);
const jobs = fc.array(fc.array(argument, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 });

describe('the digest of a pool', () => {
  it('differs where the jobs differ, and only there', () => {
    fc.assert(
      fc.property(jobs, jobs, (a, b) => {
        const isSame = encodeJson(a) === encodeJson(b);
        assert.equal(digestPool(poolOfJobs(a)) === digestPool(poolOfJobs(b)), isSame);
      }),
    );
  });

  it('changes with one argument, its type, order, count', () => {
    fc.assert(
      fc.property(jobs, fc.nat(), argument, (list, where, other) => {
        const digest = (jobs: readonly unknown[]): string => digestPool(poolOfJobs(jobs));
        const at = where % list.length;
        const changed = list.with(at, [other]);
        assert.equal(digest(changed) === digest(list), encodeJson(changed) === encodeJson(list));
        assert.notEqual(digest([...list, list[at]]), digest(list));
        const turned = list.toReversed();
        assert.equal(digest(turned) === digest(list), encodeJson(turned) === encodeJson(list));
      }),
    );
    const single = (value: unknown): string => digestPool(poolOfJobs([[value]]));
    const values = [1, '1', -0, 0, '0', null, 'null', true, [1], { a: 1 }, Number.NaN, 'NaN', [], {}, { a: '1' }];
    assert.equal(new Set(values.map(single)).size, values.length);
    assert.equal(single({ a: 1, b: 2 }), single({ b: 2, a: 1 }));
  });

  it("is the same by Node's SHA-256", () => {
    fc.assert(
      fc.property(jobs, (list) => {
        const pool = poolOfJobs(list);
        assert.equal(digestPool(pool, createNodeSha256), digestPool(pool));
      }),
    );
    const many = poolOfJobs(Array.from({ length: 30_000 }, (_, at) => `ü𝄞${at}`));
    assert.equal(digestPool(many, createNodeSha256), digestPool(many));
  });

  it('names the argument that cannot be stored', () => {
    assert.throws(() => digestPool(poolOfJobs([1, [2, { f: () => 1 }]])), /jobs\[1\]\[1\]\.f is a function/);
    for (const bad of [undefined, 1n, new Date(0), new Map(), [undefined], { a: Symbol('x') }]) {
      assert.throws(() => digestPool(poolOfJobs([[bad]])), /jobs\[0\]\[0\].* is /);
    }
  });
});

describe('the quick way to canonical JSON', () => {
  it('gives what comes back bit for bit, keys in the order of code units', () => {
    const sortKeys = (text: string): unknown =>
      JSON.parse(text, (_, value: unknown) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : value,
      );
    fc.assert(
      fc.property(argument, (value) => {
        const quick = quickJson(value);
        if (quick !== undefined) assert.equal(quick, encodeJson(value));
        assert.deepStrictEqual(decodeJson(encodeJson(value)), value);
        // The slow way: a prototype of null is not quick.
        const slow = encodeJson(Object.assign(Object.create(null), { a: value }));
        assert.equal(slow, `{"a":${encodeJson(value)}}`);
        assert.ok(sortKeys(slow) !== undefined);
      }),
      { numRuns: 1_000 },
    );
    assert.equal(encodeJson({ b: { d: 1, c: 2 }, a: [{ z: 1, y: 2 }] }), '{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}');
    assert.equal(encodeJson({ '10': 1, '9': 2 }), '{"10":1,"9":2}');
  });
});

describe('occurrences', () => {
  it('are counted as by comparing all with all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<unknown>(1, '1', [1], -0, 0, { a: 1, b: 2 }, { b: 2, a: 1 }, 'x')),
        (list) => {
          const occurrences = countOccurrences(poolOfJobs(list));
          const texts = list.map((job) => encodeJson(Array.isArray(job) ? job : [job]));
          for (const [at, text] of texts.entries()) {
            const before = texts.slice(0, at).filter((other) => other === text).length;
            assert.equal(occurrences.get(jobIndex(at)) ?? 0, before);
          }
        },
      ),
    );
  });

  it('are exact where 32-bit hashes meet', () => {
    // Among 300,000 different jobs about ten pairs have equal hashes; texts that differ in few digits only have none.
    const random = createRandom('texts');
    const list = Array.from({ length: 300_000 }, () => random());
    const occurrences = countOccurrences(poolOfJobs([...list, list[77]]));
    assert.equal(occurrences.get(jobIndex(300_000)), 1);
    assert.ok(list.every((_, at) => (occurrences.get(jobIndex(at)) ?? 0) === 0));
  });
});

describe('digests of experiment and plan', () => {
  const parts: ExperimentParts = {
    pool: hex('a'),
    random: { stream: 'per-job' },
    sections: { model: { sweeps: '7', x: '1' } },
    overrideSeed: undefined,
  };
  it('the experiment’s changes by each part, not by the order of names', () => {
    const variants: readonly ExperimentParts[] = [
      parts,
      { ...parts, pool: hex('b') },
      { ...parts, random: {} },
      { ...parts, random: { stream: 'same' } },
      { ...parts, sections: {} },
      { ...parts, sections: { model: { sweeps: '8', x: '1' } } },
      { ...parts, sections: { Model: { sweeps: '7', x: '1' } } },
      { ...parts, sections: { ...parts.sections, empty: {} } },
      { ...parts, overrideSeed: '' },
      { ...parts, overrideSeed: '1' },
    ];
    assert.equal(new Set(variants.map(digestExperiment)).size, variants.length);
    const turned = { ...parts, sections: { model: { x: '1', sweeps: '7' } } };
    assert.equal(digestExperiment(turned), digestExperiment(parts));
  });

  it("the plan's changes by each part, not by the order of machines or how a weight is written", () => {
    const [a, b] = [machine('a', '1', 8), machine('b', '2.5', 4)];
    const digest = (
      machines: readonly PlannedMachine[],
      experiment = 'e',
      order: 'shuffled' | 'given' = 'shuffled',
    ): string => digestPlan({ experiment: hex(experiment), machines, order });
    const variants = [
      digest([a, b]),
      digest([a]),
      digest([a, machine('b', '2.5', 5)]),
      digest([a, machine('b', '2.51', 4)]),
      digest([a, machine('c', '2.5', 4)]),
      digest([a, b], 'f'),
      digest([a, b], 'e', 'given'),
    ];
    assert.equal(new Set(variants).size, variants.length);
    assert.equal(digest([b, a]), variants[0]);
    assert.equal(digest([a, machine('b', '25e-1', 4)]), variants[0]);
  });
});
