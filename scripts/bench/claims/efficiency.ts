import { atLeast, type Bench, type Claim, type Finding, type Report } from '../claim.ts';
import { blocksPerMs } from '../harness/native-work.ts';
import { inFolder } from '../harness/program.ts';
import { readJobTimes, spanMs } from '../harness/results.ts';
import { interleave, median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';
import { bareLoops, leastProgram, type Peer, type Work } from '../peers.ts';

const own = 'job-splitter';
const least = leastProgram('tuples');
const targets = [
  { ms: 0.1, limit: 0.93 },
  { ms: 1, limit: 0.97 },
  { ms: 10, limit: 0.98 },
  { ms: 100, limit: 0.99 },
] as const;
/** The rest differ from these in what they offer, not in how they hand out jobs; the whole must end some day. */
const contestants = [
  'multiprocessing, chunk 1',
  'multiprocessing, chunk 64',
  'joblib, auto',
  'piscina',
  'jest-worker, processes',
];

/** Efficiencies by name for jobs of one length. */
type Column = ReadonlyMap<string, number>;

export const efficiency: Claim = {
  name: 'efficiency',
  title: 'Equal native work (SHA-256) on 2 cores, against two bare loops',
  run(bench: Bench): Report {
    const seconds = bench.smoke ? 0.1 : 10 * bench.scale;
    const perMs = blocksPerMs();
    const names = bench.smoke ? contestants.slice(0, 1) : contestants;
    const peers = bench.peers.filter((peer) => names.includes(peer.name) && peer.version !== undefined);
    const columns = targets.map(({ ms }) => {
      const jobs = Math.max(2, Math.round((2 * 1_000 * seconds) / ms));
      return measureColumn(bench, peers, { jobs, blocks: Math.max(1, Math.round(ms * perMs)) });
    });
    return {
      findings: targets.flatMap((target, at) => findingsOf(target, columns[at] ?? new Map())),
      details: [
        `Runs of ${seconds} s; ours from the first job's start to the last one's end, peers from the first job handed to a warm pool to the last result; against two bare loops of the same language just before and after.`,
        'GNU parallel (a process per job) and Dask (2 ms a job) are not in this table; workerpool, poolifier and tinypool hand out jobs as piscina does.',
        renderTable(
          ['', ...targets.map(({ ms }) => `${ms} ms`)],
          [own, least.name, ...names].map((name) => [name, ...columns.map((column) => formatCell(column.get(name)))]),
        ),
      ],
    };
  },
};

function measureColumn(bench: Bench, peers: readonly Peer[], work: Required<Work>): Column {
  const runs = [
    { name: own, language: 'node' as const, spanMs: () => runOwn(bench, work) },
    ...[least, ...peers].map(({ name, language, run }) => ({ name, language, spanMs: () => run(work).spanMs })),
  ];
  // The speed of such machines drifts by some percent within minutes: bare loops stand on both sides of each run.
  const order = runs.flatMap((run, at) => {
    const bare = bareLoops(run.language === 'python' ? 'python' : 'node');
    const around = { name: `${bare.name}, ${at}`, spanMs: () => bare.run(work).spanMs };
    return [around, run, ...(runs[at + 1]?.language === run.language ? [] : [{ ...around, name: `${around.name} b` }])];
  });
  const contenders = new Map(order.map(({ name, spanMs }) => [name, spanMs]));
  const spans = interleave(contenders, Math.min(bench.rounds, 3), bench.tell);
  const efficiencyOf = (name: string): number => {
    const at = order.findIndex((it) => it.name === name);
    const [before = [], own = [], after = []] = [-1, 0, 1].map((by) => spans.get(order[at + by]?.name ?? ''));
    return median(own.map((span, round) => ((before[round] ?? 0) + (after[round] ?? 0)) / 2 / span));
  };
  return new Map(runs.map(({ name }) => [name, efficiencyOf(name)]));
}

function runOwn({ program }: Bench, { jobs, blocks }: Required<Work>): number {
  return inFolder((folder) => {
    program({ experiment: 'hash', jobs, folder, environment: { BLOCKS: String(blocks) } });
    return spanMs(readJobTimes(folder));
  });
}

function findingsOf({ ms, limit }: (typeof targets)[number], column: Column): readonly Finding[] {
  const ours = column.get(own) ?? Number.NaN;
  const [best] = [...column].filter(([name]) => name !== own && name !== least.name).sort(([, a], [, b]) => b - a);
  const ahead: Finding = {
    what: `efficiency, jobs of ${ms} ms: the best peer`,
    target: 'not ahead of ours',
    measured: best === undefined ? 'peers are absent' : `${best[0]}: ${formatNumber(best[1])}`,
    reached: best === undefined ? undefined : best[1] <= ours,
  };
  return [atLeast(`efficiency, jobs of ${ms} ms`, limit, '', ours, column.get(least.name)), ahead];
}

function formatCell(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(3);
}
