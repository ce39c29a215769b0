import uPlot from 'uplot';
import type { Curves } from '../../../core/report/plot-data.ts';
import { spellNumber, spellTime } from '../spell.ts';
import { axis, coloursMax, dashOf, seriesColour, timeFormats, tzDate } from './axes.ts';
import { widthOf } from './shape.ts';

const heightPx = 260;

/** One curve over time for all machines together, and one for each where they are few. */
export function drawCurves(
  place: HTMLElement,
  name: string,
  { timesMs, machines: values }: Curves,
  machines: readonly string[],
  isStepped: boolean,
): uPlot {
  const all = timesMs.map((_, at) => values.reduce((sum, list) => sum + (list[at] ?? 0), 0));
  const single = machines.length > 1 && machines.length < coloursMax ? values : [];
  const options: uPlot.Options = {
    width: widthOf(place),
    height: heightPx,
    tzDate,
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, Math.max(max * 1.05, Number.MIN_VALUE)] } },
    axes: [
      axis({ values: timeFormats() }),
      axis({ label: name, size: 70, values: (_, splits) => splits.map((value) => spellNumber(value)) }),
    ],
    series: [
      { label: 'Time (UTC)', value: (_, seconds) => (seconds === null ? '–' : spellTime(seconds * 1_000)) },
      seriesOf(single.length === 0 ? name : `${name}, all`, 0, isStepped),
      ...single.map((_, at) => seriesOf(machines[at] ?? '', at + 1, isStepped)),
    ],
  };
  return new uPlot(options, [timesMs.map((ms) => ms / 1_000), all, ...single.map((list) => [...list])], place);
}

function seriesOf(label: string, at: number, isStepped: boolean): uPlot.Series {
  const paths = isStepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  return {
    label,
    width: at === 0 ? 2.5 : 1.5,
    stroke: () => seriesColour(at),
    dash: dashOf(at),
    points: { show: false },
    value: (_, value) => (value === null ? '–' : spellNumber(value)),
    ...(paths !== undefined && { paths }),
  };
}
