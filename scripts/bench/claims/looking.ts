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
      ['all on, jobs log', () => span([], { LOGGING: '1' })],
      ['nothing', () => span(silence, { SILENT: '1' })],
    ]);
    const spans = interleave(contenders, bench.rounds, bench.tell);
    const partsMore = (name: string): readonly number[] =>
      (spans.get(name) ?? []).map((ms, round) => 100 * (ms / (spans.get('nothing')?.[round] ?? Number.NaN) - 1));
    const [more, moreLogged] = [partsMore('all on'), partsMore('all on, jobs log')];
    return {
      findings: [atMost('board, progress and logs, jobs of 10 ms with 100 reports each', 2, '% more', median(more))],
      details: [
        `${jobs} jobs on 2 cores, first start to last end. All on: board of style 1 on a terminal, the log, 100 reports with a message by each job. Nothing: style 2, logging.level=fatal, jobs that say nothing.`,
        `Rounds: ${spell(more)}. Where each job writes a line to the log, too: ${spell(moreLogged)}.`,
      ],
    };
  },
};

function spell(percents: readonly number[]): string {
  return percents.map((percent) => `${percent.toFixed(1)} %`).join(', ');
}
