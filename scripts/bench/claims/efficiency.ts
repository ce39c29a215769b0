import { atLeast, type Bench, type Claim, type Finding, type Report } from '../claim.ts';
import { blocksPerMs } from '../harness/native-work.ts';
import { inFolder } from '../harness/program.ts';
import { readJobTimes, spanMs } from '../harness/results.ts';
import { interleave, median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';
import { bareLoops, type Peer, type Work } from '../peers.ts';

const own = 'job-splitter';
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
        `Runs of ${seconds} s; ours from the first job's start to the last one's end, peers from the first job handed to a warm pool to the last result; against two bare loops of the same language in the same round.`,
        'GNU parallel (a process per job) and Dask (2 ms a job) are not in this table; workerpool, poolifier and tinypool hand out jobs as piscina does.',
        renderTable(
          ['', ...targets.map(({ ms }) => `${ms} ms`)],
          [own, ...names].map((name) => [name, ...columns.map((column) => formatCell(column.get(name)))]),
        ),
      ],
    };
  },
};

function measureColumn(bench: Bench, peers: readonly Peer[], work: Required<Work>): Column {
  const [node, python] = [bareLoops('node'), bareLoops('python')];
  const contenders = new Map<string, () => number>([
    [node.name, () => node.run(work).spanMs],
    [own, () => runOwn(bench, work)],
    [python.name, () => python.run(work).spanMs],
    ...peers.map((peer) => [peer.name, () => peer.run(work).spanMs] as const),
  ]);
  const spans = interleave(contenders, Math.min(bench.rounds, 3), bench.tell);
  const efficiencyOf = (name: string, bare: string): number =>
    median((spans.get(name) ?? []).map((span, round) => (spans.get(bare)?.[round] ?? Number.NaN) / span));
  return new Map([
    [own, efficiencyOf(own, node.name)],
    ...peers.map(
      ({ name, language }) => [name, efficiencyOf(name, language === 'node' ? node.name : python.name)] as const,
    ),
  ]);
}

function runOwn({ program }: Bench, { jobs, blocks }: Required<Work>): number {
  return inFolder((folder) => {
    program({ experiment: 'hash', jobs, folder, environment: { BLOCKS: String(blocks) } });
    return spanMs(readJobTimes(folder));
  });
}

function findingsOf({ ms, limit }: (typeof targets)[number], column: Column): readonly Finding[] {
  const ours = column.get(own) ?? Number.NaN;
  const [best] = [...column].filter(([name]) => name !== own).sort(([, a], [, b]) => b - a);
  const ahead: Finding = {
    what: `efficiency, jobs of ${ms} ms: the best peer`,
    target: 'not ahead of ours',
    measured: best === undefined ? 'peers are absent' : `${best[0]}: ${formatNumber(best[1])}`,
    reached: best === undefined ? undefined : best[1] <= ours,
  };
  return [atLeast(`efficiency, jobs of ${ms} ms`, limit, '', ours), ahead];
}

function formatCell(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(3);
}
