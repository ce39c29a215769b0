import { atMost, type Bench, type Claim, type Finding, type Report } from '../claim.ts';
import { interleave } from '../harness/rounds.ts';

export const memory: Claim = {
  name: 'memory',
  title: 'Memory of the main process, `product`',
  run(bench: Bench): Report {
    const sizes = bench.smoke ? [100, 200] : [1e6 * bench.scale, 1e7 * bench.scale];
    const limits = [150, 300];
    const contenders = new Map(
      sizes.map((jobs) => [
        `${jobs} jobs`,
        () => (bench.program({ experiment: 'product', jobs, sampleS: 0.05 }).mainPeakKib / 1_000) * 1.024,
      ]),
    );
    const peaks = interleave(contenders, Math.min(bench.rounds, 2), bench.tell);
    const findings = [...peaks].map(
      ([name, values], at): Finding => atMost(`main process, ${name}`, limits[at] ?? 0, 'MB', Math.max(...values)),
    );
    return { findings, details: ['Highest resident memory; the highest of all rounds.'] };
  },
};
