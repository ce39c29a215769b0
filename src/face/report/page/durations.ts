import uPlot from 'uplot';
import type { Durations } from '../../../core/report/plot-data.ts';
import { spellCount, spellSpan } from '../spell.ts';
import { axis, coloursMax, dashOf, seriesColour } from './axes.ts';
import { durationTicks } from './duration-ticks.ts';
import { colour, widthOf } from './shape.ts';

const heightPx = 260;

/** How many jobs took how long; the time in its logarithm, because job times spread over orders of magnitude. */
export function drawDurations(place: HTMLElement, { buckets }: Durations, machines: readonly string[]): uPlot {
  const bounds = [...buckets.map(({ fromMs }) => fromMs), buckets.at(-1)?.toMs ?? 1].map(Math.log10);
  // A step reaches to the next bound: the last one is closed by its own count once more.
  const close = (counts: readonly number[]): number[] => [...counts, ...counts.slice(-1)];
  const all = close(buckets.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0)));
  const single = machines.length > 1 && machines.length < coloursMax ? machines : [];
  const options: uPlot.Options = {
    width: widthOf(place),
    height: heightPx,
    scales: { x: { time: false, range: (_, min, max) => [min, max] }, y: { range: (_, __, max) => [0, max * 1.05] } },
    axes: [
      axis({
        splits: (_, __, min, max) => durationTicks(10 ** min, 10 ** max).map(Math.log10),
        values: (_, splits) => splits.map((value) => spellSpan(10 ** value)),
      }),
      axis({
        label: 'Jobs',
        size: 70,
        values: (_, splits) => splits.map((value) => (value % 1 === 0 ? spellCount(value) : '')),
      }),
    ],
    series: [
      { label: 'Time from', value: (_, value) => (value === null ? '–' : spellSpan(10 ** value)) },
      seriesOf(single.length === 0 ? 'Jobs' : 'All jobs', 0),
      ...single.map((name, at) => seriesOf(name, at + 1)),
    ],
  };
  const lists = single.map((_, at) => close(buckets.map(({ counts }) => counts[at] ?? 0)));
  return new uPlot(options, [bounds, all, ...lists], place);
}

function seriesOf(label: string, at: number): uPlot.Series {
  const paths = uPlot.paths.stepped?.({ align: 1 });
  return {
    label,
    width: at === 0 ? 2 : 1.5,
    stroke: () => seriesColour(at),
    dash: dashOf(at),
    points: { show: false },
    ...(at === 0 && { fill: () => `${colour('series-1')}33` }),
    value: (_, value) => (value === null ? '–' : spellCount(value)),
    ...(paths !== undefined && { paths }),
  };
}
