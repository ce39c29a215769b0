import { digestExperiment, digestPlan, digestPool } from '../../src/core/digest.ts';
import { hashTexts } from '../../src/core/hash.ts';
import { jobIndex, machineName } from '../../src/core/ids.ts';
import { encodeJson } from '../../src/core/json.ts';
import { countOccurrences, identityOf } from '../../src/core/occurrences.ts';
import { planOrder } from '../../src/core/order.ts';
import { asPool, type LazyPool, poolOfJobs, product, zip } from '../../src/core/pool.ts';
import { createRandom, type Random, seedOfCommon, seedOfStream } from '../../src/core/random.ts';
import { range } from '../../src/core/range.ts';
import { parseRatio } from '../../src/core/ratio.ts';
import { cutShares, type PlannedMachine } from '../../src/core/shares.ts';
import { spellArguments } from '../../src/core/spell-arguments.ts';

/**
 * What must be the same on every system and in every later version. A golden file is never changed: new values get an
 * entry and so a file of their own, which `node test/golden/write.ts` writes; files that are there it leaves alone.
 * Pure, for this module runs on every target: `golden-targets.test.ts`.
 */
export const golden: Readonly<Record<string, () => unknown>> = {
  product: () =>
    describePool(
      product(
        [0.1, -0, Number.NaN, 1e21, 5e-324],
        ['a', 'ü', '𝄞', '\u2028"\\\n'],
        zip([true, false], [null, Infinity]),
        range(0, 1, 0.1),
      ),
      { sections: { model: { sweeps: '7', name: 'µ' }, Model: {} }, random: { stream: 'per-job' } },
    ),
  list: () => describePool(poolOfJobs(repetitive), { sections: {}, random: {}, overrideSeed: 'fixed' }),
  range: () => describePool(range(100_000), { sections: {}, random: { seed: '1' } }),
};

const repetitive: readonly unknown[] = [
  ...[1, '1', [1], [[1]], -0, 0, null, true, 'true', '', [], [1, '1']],
  ...[
    { b: 1, a: 'x' },
    { a: 'x', b: 1 },
    { '10': 1, '9': 2, é: 3, Z: 4, a: { d: -0, c: [] } },
  ],
  ...[{ $number: 'NaN' }, { $literal: {} }, Number.NaN, [Number.NaN], '𝄞', '\ud834'],
  ...[1, '1', { b: 1, a: 'x' }, new Float64Array([0.1, -0]), [[0.1, -0]]],
];

interface Settings {
  readonly random: Readonly<Record<string, string>>;
  readonly sections: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly overrideSeed?: string;
}

function describePool(jobs: unknown, { random, sections, overrideSeed }: Settings): unknown {
  const pool = asPool(jobs);
  if (pool === undefined) throw new Error('Internal error: no pool of ours');
  const poolDigest = digestPool(pool);
  const experimentDigest = digestExperiment({ pool: poolDigest, random, sections, overrideSeed });
  const planDigest = digestPlan({ experiment: experimentDigest, machines, order: 'shuffled' });
  const order = planOrder(pool.length, planDigest, 'shuffled');
  const places = Array.from({ length: pool.length }, (_, position) => order.at(position) ?? -1);
  const identities = listIdentities(pool);
  const seed = overrideSeed ?? random.seed ?? experimentDigest;
  return {
    jobs: pool.length,
    firstJobs: identities.slice(0, 30),
    identities: hashTexts('golden', ...identities),
    poolDigest,
    experimentDigest,
    planDigest,
    planDigestInOrder: digestPlan({ experiment: experimentDigest, machines: machines.slice(1), order: 'given' }),
    firstPlaces: places.slice(0, 30),
    order: hashTexts('golden', ...places.map(String)),
    shares: cutShares(pool.length, machines).map(({ machine, from, to }) => [machine, from, to]),
    seedOfCommon: seedOfCommon(seed),
    common: describeRandom(createRandom(seedOfCommon(seed))),
    streams: [0, 1, pool.length - 1].map((at) => describeStream(seed, identities[at] ?? '')),
  };
}

const machines: readonly PlannedMachine[] = (
  [
    ['lab2', '2.5', 3],
    ['lab10', '1', 8],
    ['Übung', '1e-3', 1],
    ['lab1', '0.1', 64],
  ] as const
).map(([name, text, cores]) => {
  const weight = parseRatio(text);
  if (weight === undefined) throw new Error(`Internal error: ${text} is no number`);
  return { name: machineName(name), weight, cores };
});

function listIdentities(pool: LazyPool<readonly unknown[]>): readonly string[] {
  const occurrences = countOccurrences(pool);
  return Array.from({ length: pool.length }, (_, at) =>
    identityOf(spellArguments(pool.at(at), at), occurrences.get(jobIndex(at)) ?? 0),
  );
}

function describeStream(seed: string, identity: string): unknown {
  const streamSeed = seedOfStream(seed, identity);
  return { identity, seed: streamSeed, ...describeRandom(createRandom(streamSeed)) };
}

function describeRandom(random: Random): Readonly<Record<string, unknown>> {
  const repeat = <Value>(count: number, draw: () => Value): readonly Value[] => Array.from({ length: count }, draw);
  const floats = repeat(5, random);
  const state = random.state();
  const dice = repeat(20, () => random.int(1, 6));
  const wide = repeat(3, () => random.int(-(2 ** 52), 2 ** 52 - 1));
  const normal = repeat(100, () => random.normal());
  const shuffled = random.shuffle(repeat(12, () => 0).map((_, at) => at));
  const picked = repeat(8, () => random.pick(['a', 'b', 'c'])).join('');
  const forked = [random.fork('k', 1)(), random.fork()(), random.fork({ b: -0, a: [null] }).fork('ü')()];
  const stateHash = hashTexts('golden', encodeJson(state));
  random.restore(state);
  const again = repeat(20, () => random.int(1, 6)).join() === dice.join();
  const many = hashTexts('golden', ...repeat(1_000, () => String(random())));
  return {
    floats,
    dice,
    wide,
    normal,
    shifted: random.normal(-3, 0.1),
    shuffled,
    picked,
    forked,
    state: stateHash,
    again,
    many,
  };
}
