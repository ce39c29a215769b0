import type { PageData } from '../page-data.ts';
import { drawCurves } from './curves.ts';
import { drawDurations } from './durations.ts';
import { drawLanes } from './lanes.ts';
import { keepInShape } from './shape.ts';

/** Draws the plots of the report that this script stands in. */
const { plots, machines }: PageData = JSON.parse(document.getElementById('data')?.textContent ?? '{}');
if (plots !== undefined) {
  keepInShape('plot-progress', (place) => drawCurves(place, 'Settled', plots.progress, machines, false));
  keepInShape('plot-rate', (place) => drawCurves(place, 'Jobs per second', plots.rate, machines, true));
  keepInShape('plot-lanes', (place) => drawLanes(place, plots.timeline, machines));
  keepInShape('plot-durations', (place) => drawDurations(place, plots.durations, machines));
}
