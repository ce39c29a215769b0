import { atLeast, atMost, type Bench, type Claim, type Report, timesFaster } from '../claim.ts';
import type { Measured } from '../harness/process.ts';
import { interleave, median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';
import { leastProgram, type Peer } from '../peers.ts';

const least = leastProgram('tuples');

export const smallRuns: Claim = {
  name: 'small-runs',
  title: 'Small runs, whole wall: start-up counts',
  run(bench: Bench): Report {
    const [few, more] = bench.smoke ? [10, 20] : [100, 1_000];
    const find = (name: string): Peer | undefined =>
      bench.peers.find((peer) => peer.name === name && peer.version !== undefined);
    const [pool, parallel] = [find('multiprocessing, chunk 1'), find('GNU parallel --joblog')];
    const contenders = new Map<string, () => Measured>([
      ['few', () => bench.program({ experiment: 'tuples', jobs: few })],
      ...(pool === undefined ? [] : [['pool', () => pool.run({ jobs: few })] as const]),
      ['few, least', () => least.run({ jobs: few })],
      ['more, least', () => least.run({ jobs: more })],
      ['more', () => bench.program({ experiment: 'tuples', jobs: more })],
      ...(parallel === undefined ? [] : [['parallel', () => parallel.run({ jobs: more })] as const]),
    ]);
    const runs = interleave(contenders, bench.rounds, bench.tell);
    const of = (name: string): readonly Measured[] => runs.get(name) ?? [];
    const seconds = (name: string): string =>
      of(name).length === 0 ? 'absent' : formatNumber(median(of(name).map(({ wallS }) => wallS)));
    const limit = 'of its time';
    const what = `${few} jobs, whole wall, against multiprocessing`;
    return {
      findings: [
        pool === undefined
          ? { what, target: `≤ 1.3 ${limit}`, measured: 'peer is absent', reached: undefined }
          : atMost(
              what,
              1.3,
              limit,
              1 / timesFaster(of('few'), of('pool')),
              1 / timesFaster(of('few, least'), of('pool')),
            ),
        atLeast(
          `${more} jobs, whole wall, against GNU parallel --joblog`,
          40,
          ' times as fast',
          parallel && timesFaster(of('more'), of('parallel')),
          parallel && timesFaster(of('more, least'), of('parallel')),
        ),
      ],
      details: [
        renderTable(
          ['', 'jobs', 'seconds'],
          [
            ['job-splitter', String(few), seconds('few')],
            ['the least program', String(few), seconds('few, least')],
            ['multiprocessing, chunk 1', String(few), seconds('pool')],
            ['job-splitter', String(more), seconds('more')],
            ['the least program', String(more), seconds('more, least')],
            ['GNU parallel --joblog', String(more), seconds('parallel')],
          ],
        ),
      ],
    };
  },
};
