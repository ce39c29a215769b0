import uPlot from 'uplot';
import { type Lane, occupancySteps, type Timeline } from '../../../core/report/plot-data.ts';
import { spellPart, spellTime } from '../spell.ts';
import { axis, timeFormats, tzDate } from './axes.ts';
import { colour, widthOf } from './shape.ts';

const [lanePxMax, lanePxMin, plotPxMax] = [22, 6, 900];
/** Room for the words below, in two lines, and a little above. */
const [axisPx, topPx] = [46, 6];
/** The faintest shade that is still seen. */
const shadeMin = 0.18;

/** One row per worker, the darker the busier; failures as marks at its lower edge. */
export function drawLanes(place: HTMLElement, timeline: Timeline, machines: readonly string[]): uPlot {
  const { fromMs, binMs, bins, lanes } = timeline;
  const lanePx = Math.min(lanePxMax, Math.max(lanePxMin, plotPxMax / lanes.length));
  const readout = document.createElement('p');
  readout.className = 'readout';
  const options: uPlot.Options = {
    width: widthOf(place),
    height: Math.round(lanes.length * lanePx) + axisPx + topPx,
    padding: [topPx, 12, 0, 0],
    tzDate,
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    scales: {
      x: { time: true },
      // The first lane is on top.
      y: { dir: -1, range: () => [0, Math.max(1, lanes.length)] },
    },
    axes: [
      axis({ values: timeFormats(), size: axisPx }),
      axis({
        size: labelWidth(timeline, machines),
        grid: { show: false },
        ticks: { show: false },
        splits: () => labelled(lanes, lanePx).map((at) => at + 0.5),
        values: () => labelled(lanes, lanePx).map((at) => labelOf(timeline, at, machines)),
      }),
    ],
    series: [{}, { show: true, paths: () => null, points: { show: false } }],
    hooks: {
      draw: [(plot) => paint(plot, timeline)],
      setCursor: [(plot) => (readout.textContent = tell(plot, timeline, machines))],
    },
  };
  const from = fromMs / 1_000;
  const plot = new uPlot(
    options,
    [
      [from, from + (bins * binMs) / 1_000],
      [0, 0],
    ],
    place,
  );
  place.append(readout);
  return plot;
}

/** Where rows are too low for words, the first row of each machine has some. */
function labelled(lanes: readonly Lane[], lanePx: number): readonly number[] {
  return lanes.flatMap(({ lane }, at) => (lanePx >= 13 || lane === 1 ? [at] : []));
}

const nameCharsMax = 16;
const [charPx, labelGapPx] = [7.5, 24];

function labelWidth(timeline: Timeline, machines: readonly string[]): number {
  const lengths = timeline.lanes.map((_, at) => labelOf(timeline, at, machines).length);
  return labelGapPx + charPx * Math.max(...lengths);
}

function labelOf({ lanes, isFolded }: Timeline, at: number, machines: readonly string[]): string {
  const { machine = 0, lane = 1 } = lanes[at] ?? {};
  const name = machines[machine] ?? '';
  const short = name.length > nameCharsMax ? `${name.slice(0, nameCharsMax - 1)}…` : name;
  if (isFolded) return short;
  return lane === 1 ? `${short} ${lane}` : String(lane);
}

function paint(plot: uPlot, { fromMs, binMs, lanes }: Timeline): void {
  const { ctx, bbox } = plot;
  const x = (bin: number): number => plot.valToPos((fromMs + bin * binMs) / 1_000, 'x', true);
  const y = (lane: number): number => plot.valToPos(lane, 'y', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const [busy, bad, track] = [colour('busy'), colour('bad'), colour('grid')];
  lanes.forEach(({ occupancy, failures }, lane) => {
    const [top, height] = [y(lane), y(lane + 1) - y(lane)];
    const gap = Math.min(2, height / 6);
    ctx.globalAlpha = 1;
    ctx.fillStyle = track;
    ctx.fillRect(x(0), top + gap, x(occupancy.length) - x(0), height - 2 * gap);
    ctx.fillStyle = busy;
    for (const { from, to, step } of stretchesOf(occupancy)) {
      ctx.globalAlpha = shadeMin + (1 - shadeMin) * (step / (occupancySteps.length - 1));
      ctx.fillRect(x(from), top + gap, Math.max(1, x(to) - x(from)), height - 2 * gap);
    }
    ctx.globalAlpha = 1;
    ctx.fillStyle = bad;
    const markHeight = Math.max(2, height / 4);
    for (const bin of failures) {
      ctx.fillRect(x(bin), top + height - markHeight - gap, Math.max(2, x(bin + 1) - x(bin)), markHeight);
    }
  });
  ctx.restore();
}

/** Neighbouring bins that are equally busy are painted in one go; idle ones not at all. */
function* stretchesOf(
  occupancy: string,
): Generator<{ readonly from: number; readonly to: number; readonly step: number }> {
  for (let from = 0, to = 0; from < occupancy.length; from = to) {
    while (to < occupancy.length && occupancy[to] === occupancy[from]) to++;
    const step = occupancySteps.indexOf(occupancy.charAt(from));
    if (step > 0) yield { from, to, step };
  }
}

/** What is under the cursor, in words. */
function tell(plot: uPlot, timeline: Timeline, machines: readonly string[]): string {
  const { left = -1, top = -1 } = plot.cursor;
  if (left < 0 || top < 0) return '';
  const { fromMs, binMs, bins, lanes, isFolded } = timeline;
  const bin = Math.floor((plot.posToVal(left, 'x') * 1_000 - fromMs) / binMs);
  const lane = lanes[Math.floor(plot.posToVal(top, 'y'))];
  if (lane === undefined || bin < 0 || bin >= bins) return '';
  const part = occupancySteps.indexOf(lane.occupancy.charAt(bin)) / (occupancySteps.length - 1);
  const name = `${machines[lane.machine] ?? ''}${isFolded ? '' : `, worker ${lane.lane}`}`;
  const failed = lane.failures.includes(bin) ? ', with failed jobs' : '';
  return `${name}, ${spellTime(fromMs + bin * binMs)} UTC: busy ${spellPart(part)}${failed}`;
}
