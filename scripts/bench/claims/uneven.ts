import { atMost, type Bench, type Claim, type Report } from '../claim.ts';
import { blocksPerMs } from '../harness/native-work.ts';
import { inFolder } from '../harness/program.ts';
import { readJobTimes, spanMs } from '../harness/results.ts';
import { interleave, median } from '../harness/rounds.ts';

export const uneven: Claim = {
  name: 'uneven',
  title: 'Uneven jobs: makespan against max(mean load, longest job)',
  run(bench: Bench): Report {
    const jobs = bench.smoke ? 50 : 2_000;
    const environment = { BLOCKS_PER_MS: String(blocksPerMs()) };
    const contenders = new Map(
      ['lognormal', 'pareto'].map((experiment) => [
        experiment,
        () =>
          inFolder((folder) => {
            bench.program({ experiment, jobs, folder, environment });
            const times = readJobTimes(folder);
            const runs = times.map(({ runMs }) => runMs);
            const load = runs.reduce((sum, ms) => sum + ms, 0) / 2;
            return spanMs(times) / Math.max(load, ...runs);
          }),
      ]),
    );
    const ratios = interleave(contenders, bench.rounds, bench.tell);
    const ratio = (name: string): number => median(ratios.get(name) ?? []);
    return {
      findings: [
        atMost('uneven jobs, log-normal (median 1 ms, sigma 2): makespan', 1.05, 'of the bound', ratio('lognormal')),
        atMost('uneven jobs, heavy tail (Pareto 1.3 from 1 ms): makespan', 1.05, 'of the bound', ratio('pareto')),
      ],
      details: [`${jobs} jobs on 2 cores, their times and the makespan as recorded in results.csv.`],
    };
  },
};
