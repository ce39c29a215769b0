import { atMost, type Bench, type Claim, type Report } from '../claim.ts';
import { blocksPerMs } from '../harness/native-work.ts';
import { inFolder } from '../harness/program.ts';
import { readJobTimes, spanMs } from '../harness/results.ts';
import { interleave, median } from '../harness/rounds.ts';

const jobMs = 10;
const silence = ['-o', 'ProgressPool.style=2', '-o', 'logging.level=fatal'];

export const looking: Claim = {
  name: 'looking',
  title: 'Board, progress and logs: what they cost',
  run(bench: Bench): Report {
    const jobs = bench.smoke ? 20 : Math.max(100, 2_000 * bench.scale);
    const BLOCKS = String(100 * Math.max(1, Math.round((jobMs * blocksPerMs()) / 100)));
    const span = (words: readonly string[], environment: Readonly<Record<string, string>>): number =>
      inFolder((folder) => {
        bench.program({ experiment: 'talking', jobs, folder, words, environment: { BLOCKS, ...environment } });
        return spanMs(readJobTimes(folder));
      });
    const contenders = new Map([
      ['all on', () => span([], {})],
      ['nothing', () => span(silence, { SILENT: '1' })],
    ]);
    const spans = interleave(contenders, bench.rounds, bench.tell);
    const ratios = (spans.get('all on') ?? []).map((ms, round) => ms / (spans.get('nothing')?.[round] ?? Number.NaN));
    return {
      findings: [
        atMost(
          'board, progress and logs, jobs of 10 ms with 100 reports each',
          2,
          '% more',
          100 * (median(ratios) - 1),
        ),
      ],
      details: [
        `${jobs} jobs on 2 cores, first start to last end. All on: board of style 1 on a terminal, 100 reports with a message and a line in the log by each job. Nothing: style 2, logging.level=fatal, jobs that say nothing.`,
        `Rounds: ${ratios.map((ratio) => `${(100 * (ratio - 1)).toFixed(1)} %`).join(', ')}.`,
      ],
    };
  },
};
