import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutFor } from '../../../src/core/engine/campaign.ts';
import { Chunks } from '../../../src/core/engine/chunks.ts';
import { findNatsServer } from '../../../src/runtime/engine/nats-server.ts';
import { atMost, type Bench, type Claim, microsPerJob, type Report } from '../claim.ts';
import { withNatsServer } from '../harness/campaign-server.ts';
import { type Measured, measure } from '../harness/process.ts';
import { inFolder } from '../harness/program.ts';
import { interleave, median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';

/** Two machine processes of one core each, side by side; with equal weights the static split is the best there can be. */
const machines = ['lab1', 'lab2'];

export const campaign: Claim = {
  name: 'campaign',
  title: 'A campaign on a NATS server: two machine processes',
  run(bench: Bench): Report {
    const jobs = bench.smoke ? 2_000 : 1_000_000 * bench.scale;
    const what = `${jobs.toLocaleString('en')} trivial jobs in a campaign, beyond the static split`;
    if (findNatsServer('') === undefined) {
      const absent = {
        what,
        target: '≤ 6 s',
        measured: 'peer is absent: nats-server',
        reached: undefined,
      };
      return { findings: [absent], details: [] };
    }
    const dask = bench.peers.find(({ name, version }) => name === 'Dask' && version !== undefined);
    const daskJobs = bench.smoke ? 10 : 1_000;
    const contenders = new Map<string, () => Measured>([
      ['static', () => runBoth(bench, jobs, '')],
      ['campaign', () => runBoth(bench, jobs, 'nats')],
      ...(dask === undefined ? [] : [['dask', () => dask.run({ jobs: daskJobs })] as const]),
    ]);
    const runs = interleave(contenders, bench.rounds, bench.tell);
    const of = (name: string): readonly Measured[] => runs.get(name) ?? [];
    const seconds = (name: string): number => median(of(name).map(({ wallS }) => wallS));
    const beyondS = seconds('campaign') - seconds('static');
    const chunks = new Chunks(cutFor(jobs, machines.length)).count;
    const row = (name: string, label: string, count: number): string[] => [
      label,
      formatNumber(count),
      formatNumber(seconds(name)),
      formatNumber(microsPerJob(of(name), count)),
    ];
    return {
      findings: [atMost(what, 6, 's', beyondS)],
      details: [
        `Cost of a chunk: ${formatNumber((1_000 * beyondS) / chunks)} ms (${chunks} chunks). Dask’s workers are processes of one machine; it writes nothing to disk.`,
        renderTable(
          ['', 'jobs', 'seconds', 'µs a job'],
          [
            row('static', 'static split', jobs),
            row('campaign', 'campaign', jobs),
            ...(dask === undefined ? [] : [row('dask', 'Dask', daskJobs)]),
          ],
        ),
      ],
    };
  },
};

/** `engine`: with a server; else each does its share. */
function runBoth(bench: Bench, jobs: number, engine: 'nats' | ''): Measured {
  return inFolder((folder) => {
    for (const machine of machines) {
      mkdirSync(join(folder, machine));
      writeFileSync(join(folder, machine, 'machines.json'), JSON.stringify({ lab1: [1, 1], lab2: [1, 1] }));
    }
    const run = (address: string): Measured => {
      const flags = `--yes --cores 1${address === '' ? '' : ` --engine ${address}`}`;
      const each = machines.map((name) => `(cd ${name} && exec "$0" --machine ${name} ${flags}) &`);
      const script = `${each.join(' ')} wait -n && wait -n`;
      const environment = { BENCH: 'product', JOBS: String(jobs) };
      return measure({ words: ['bash', '-c', script, bench.program.path], folder, environment });
    };
    const measured = engine === '' ? run('') : withNatsServer(folder, run);
    if (measured === undefined) throw new Error('there is no nats-server here (Debian: nats-server)');
    return measured;
  });
}
