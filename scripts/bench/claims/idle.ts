import { atMost, type Bench, type Claim, type Report } from '../claim.ts';
import type { Measured } from '../harness/process.ts';
import { interleave, median } from '../harness/rounds.ts';

export const idle: Claim = {
  name: 'idle',
  title: 'Idle main process',
  run(bench: Bench): Report {
    const stayS = bench.smoke ? 1 : 20;
    const environment = { STAY_MS: String(1_000 * stayS) };
    const contenders = new Map(
      ['notes', 'reporting'].map((experiment) => [
        experiment,
        () => shareOf(bench.program({ experiment, jobs: 2, environment, sampleS: stayS / 40 }), stayS),
      ]),
    );
    const shares = interleave(contenders, Math.min(bench.rounds, 3), bench.tell);
    return {
      findings: [
        atMost('idle main process, long jobs', 1, '% of one core', median(shares.get('notes') ?? [])),
        atMost('the same, jobs report progress often', 1, '% of one core', median(shares.get('reporting') ?? [])),
      ],
      details: ['Its processor time from a fifth to nine tenths of the jobs’ time, the board on.'],
    };
  },
};

/** Percent of one core that the main process used while nothing began or ended. */
function shareOf({ samples }: Measured, stayS: number): number {
  const quiet = samples.filter(([atS]) => atS > 0.2 * stayS && atS < 0.9 * stayS);
  const [first, last] = [quiet[0], quiet.at(-1)];
  if (first === undefined || last === undefined || first === last) throw new Error('Internal error: too few samples');
  return (100 * (last[1] - first[1])) / (last[0] - first[0]);
}
