import { digestPool } from '../../src/core/digest.ts';
import { createGenerator } from '../../src/core/generator.ts';
import { hex } from '../../src/core/ids.ts';
import { countOccurrences } from '../../src/core/occurrences.ts';
import { planOrder } from '../../src/core/order.ts';
import { asPool, type LazyPool, poolOfJobs, product } from '../../src/core/pool.ts';
import { createRandom, createReusableRandom, LazySeed, seedOfStream } from '../../src/core/random.ts';
import { range } from '../../src/core/range.ts';
import { createNodeSha256 } from '../../src/runtime/checksum.ts';

/**
 * What pools and generators cost: medians of several runs, and the memory beyond what the pool itself holds. Run as
 * `node --expose-gc scripts/bench/pools.ts`; SMOKE=1 with little of everything.
 */
const isSmoke = Boolean(process.env.SMOKE);
const million = isSmoke ? 1_000 : 1_000_000;
const rounds = isSmoke ? 1 : 5;

function medianMs(work: () => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const startedMs = performance.now();
    work();
    return performance.now() - startedMs;
  }).sort((a, b) => a - b);
  return times[rounds >> 1] ?? Number.NaN;
}

function line(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(48)} ${figure}\n`);
}

function lineMs(what: string, work: () => unknown): void {
  line(what, `${medianMs(work).toFixed(0)} ms`);
}

function lineEach(what: string, count: number, work: () => void): void {
  const ms = medianMs(() => {
    for (let turn = 0; turn < count; turn++) work();
  });
  line(what, `${((ms * 1_000) / count).toFixed(3)} µs`);
}

/** Bytes that stay and bytes at the peak (array buffers and heap), both beyond what was there before, a job. */
function lineBytes(what: string, jobs: number, work: () => unknown): void {
  const collect = globalThis.gc;
  if (collect === undefined) {
    line(what, 'not measured (--expose-gc is missing)');
    return;
  }
  const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  collect();
  const before = used();
  const kept = work();
  const peak = used();
  collect();
  const after = used();
  line(
    what,
    `${((after - before) / jobs).toFixed(1)} B a job kept, ${((peak - before) / jobs).toFixed(1)} before collecting`,
  );
  if (kept === undefined) throw new Error('Internal error: nothing was made');
}

function wholeOf(jobs: unknown): LazyPool<readonly unknown[]> {
  const pool = asPool(jobs);
  if (pool === undefined) throw new Error('Internal error: no pool of ours');
  return pool;
}

const digits = (value: number): string => value.toString(36).padStart(8, '0');
const pools: Readonly<Record<string, LazyPool<readonly unknown[]>>> = {
  'product of ranges': wholeOf(product(range(million / 1_000), range(0, 1, 0.001))),
  'list of tuples': poolOfJobs(Array.from({ length: million }, (_, at) => [at, at / 7, digits(at)])),
  'list of objects': poolOfJobs(Array.from({ length: million }, (_, at) => ({ size: at, name: digits(at) }))),
  'list of strings': poolOfJobs(Array.from({ length: million }, (_, at) => digits(at))),
};
for (const [name, pool] of Object.entries(pools)) {
  lineMs(`hash ${pool.length} jobs: ${name}`, () => digestPool(pool, createNodeSha256));
  lineMs(`occurrences of ${pool.length} jobs: ${name}`, () => countOccurrences(pool));
  lineBytes(`memory of that: ${name}`, pool.length, () => countOccurrences(pool));
}
const seed = hex('5eed'.repeat(16));
lineMs(`shuffle ${10 * million}`, () => planOrder(10 * million, seed, 'shuffled'));
lineBytes(`memory of that`, 10 * million, () => planOrder(10 * million, seed, 'shuffled'));

const each = million / 10;
let sum = 0;
const reusable = createReusableRandom({ seed });
const random = createRandom(seed);
lineEach('a generator that is not drawn from', each, () =>
  reusable.reset(new LazySeed(() => seedOfStream(seed, '[1,2]'))),
);
lineEach('a generator, seeded', each, () => {
  sum += createGenerator(seed).int32();
});
lineEach("a job's stream: hash, seed, first number", each, () => {
  reusable.reset(new LazySeed(() => seedOfStream(seed, '[1,2]')));
  sum += reusable.random();
});
lineEach('random()', million, () => {
  sum += random();
});
lineEach('random.int(1, 6)', million, () => {
  sum += random.int(1, 6);
});
lineEach('random.normal()', million, () => {
  sum += random.normal();
});
if (!Number.isFinite(sum)) throw new Error('Internal error: the sum is no number');
