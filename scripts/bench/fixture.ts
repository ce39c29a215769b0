import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { defineExperiment, product, range } from '../../src/api.ts';
import { logNormalTimes, paretoTimes } from './uneven-times.ts';

/*
 * The experiments that are measured, all in one executable; BENCH chooses, JOBS says how many jobs. The trivial job is
 * the one of `peers/job.mjs` and `peers/job.py`.
 */
const count = Number(process.env.JOBS ?? 2);
const name = 'bench';
const columns = ['n', 'half', 'sum'] as const;

function tupleOf(n: number): readonly [number, number, string] {
  return [n, n / 2, `s${n % 10}`];
}

async function* objects(): AsyncGenerator<{ readonly n: number; readonly half: number; readonly name: string }> {
  for (let n = 0; n < count; n++) yield { n, half: n / 2, name: `s${n % 10}` };
}

/** SHA-256 over so many blocks of 16 KiB: native work, the same in Node and Python. */
const block = Buffer.alloc(16_384, 1);
function hashBlocks(blocks: number): number {
  const hash = createHash('sha256');
  for (let at = 0; at < blocks; at++) hash.update(block);
  return hash.digest()[0] ?? 0;
}

function note(): void {
  if (process.env.NOTES) appendFileSync(process.env.NOTES, `${process.pid} ${Date.now()}\n`);
}

/** How many blocks a millisecond takes. */
const blocksPerMs = Number(process.env.BLOCKS_PER_MS ?? 1);
const uneven = defineExperiment({
  name,
  columns: ['blocks', 'byte'],
  jobs: () => {
    const timesMs = process.env.BENCH === 'pareto' ? paretoTimes(7, count) : logNormalTimes(7, count, 2);
    return timesMs.map((ms) => Math.max(1, Math.round(ms * blocksPerMs)));
  },
  job: (blocks) => [blocks, hashBlocks(blocks)],
});

let isNoted = false;
const isTalking = process.env.SILENT === undefined;
const failing = Number(process.env.FAILING ?? -1);

const experiments = {
  tuples: defineExperiment({
    name,
    columns,
    jobs: () => Array.from({ length: count }, (_, n) => tupleOf(n)),
    job: (n, half, text) => [n, half, n + text.length],
  }),
  objects: defineExperiment({
    name,
    columns,
    jobs: objects,
    job: ({ n, half, name: text }) => [n, half, n + text.length],
  }),
  product: defineExperiment({
    name,
    columns,
    jobs: () => product(range(count / 100), range(100)),
    job: (a, b) => [a, b, a + b],
  }),
  /** Never run: its journals are written for it (`harness/journals.ts`). */
  merged: defineExperiment({
    name,
    columns,
    jobs: () => product(range(count / 100), range(100)),
    job: (a, b) => [a, b, Math.sqrt(100 * a + b)],
  }),
  hash: defineExperiment({
    name,
    columns,
    jobs: () => range(count),
    job: (n) => [n, n / 2, hashBlocks(Number(process.env.BLOCKS))],
  }),
  /** As `hash`, in a hundred steps that are reported. */
  talking: defineExperiment({
    name,
    columns,
    jobs: () => range(count),
    job(n, _random, _config, { progress, log }) {
      let byte = 0;
      for (let step = 0; step < 100; step++) {
        byte = hashBlocks(Number(process.env.BLOCKS) / 100);
        if (isTalking) progress.report(step + 1, 100, 'on its way');
      }
      if (process.env.LOGGING) log.info({ byte }, 'done');
      return [n, n / 2, byte];
    },
  }),
  /** Each job says when it began and stays for a while. */
  notes: defineExperiment({
    name,
    jobs: () => range(count),
    async job() {
      note();
      await wait(Number(process.env.STAY_MS ?? 0));
    },
  }),
  /** Long jobs that tell how far they are ten times a second. */
  reporting: defineExperiment({
    name,
    jobs: () => range(count),
    async job(_n, _random, _config, { progress }) {
      for (let step = 0; step < 100; step++) {
        progress.report(step);
        await wait(Number(process.env.STAY_MS) / 100);
      }
    },
  }),
  /** The first session halts at the job FAILING; the first job of a later one says when it began. */
  resumed: defineExperiment({
    name,
    columns,
    jobs: () => range(count),
    job(n) {
      if (n === failing) throw new Error('This is where the first session ends');
      if (!isNoted) note();
      isNoted = true;
      return [n, n / 2, n + 1];
    },
  }),
  lognormal: uneven,
  pareto: uneven,
};

const chosen: unknown = experiments[(process.env.BENCH ?? 'product') as keyof typeof experiments];

export default chosen;
