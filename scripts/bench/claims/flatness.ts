import type { Bench, Claim, Report } from '../claim.ts';
import { interleave, median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';

/** So much dearer may a job be among ten million than among a hundred thousand: noise, not growth. */
const growthMax = 1.2;

export const flatness: Claim = {
  name: 'flatness',
  title: 'Cost per job from 10^3 to 10^7',
  run(bench: Bench): Report {
    const sizes = bench.smoke ? [100, 200, 400] : [1e3, 1e4, 1e5, 1e6, 1e7].filter((jobs) => jobs <= 1e7 * bench.scale);
    const reference = bench.smoke ? 200 : 1e5;
    const contenders = new Map(
      sizes.map((jobs) => [String(jobs), () => bench.program({ experiment: 'product', jobs }).wallS]),
    );
    const walls = interleave(contenders, Math.min(bench.rounds, 3), bench.tell);
    const wall = (jobs: number): number => median(walls.get(String(jobs)) ?? []);
    const smallest = sizes[0] ?? 1;
    const beyond = (jobs: number): number => (1e6 * (wall(jobs) - wall(smallest))) / (jobs - smallest);
    const growth = beyond(sizes.at(-1) ?? 1) / beyond(reference);
    return {
      findings: [
        {
          what: `cost of a job beyond start-up, among ${sizes.at(-1)} against among ${reference}`,
          target: `≤ ${growthMax}`,
          measured: formatNumber(growth),
          reached: growth <= growthMax,
        },
      ],
      details: [
        `\`product\`; start-up is taken to be the time of ${smallest} jobs.`,
        renderTable(
          ['jobs', 'seconds', 'µs a job', 'µs a job beyond start-up'],
          sizes.map((jobs) => [
            String(jobs),
            formatNumber(wall(jobs)),
            formatNumber((1e6 * wall(jobs)) / jobs),
            jobs === smallest ? '–' : formatNumber(beyond(jobs)),
          ]),
        ),
      ],
    };
  },
};
