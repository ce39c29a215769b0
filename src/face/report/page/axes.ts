import uPlot from 'uplot';
import { colour } from './shape.ts';

const font = '12px system-ui, sans-serif';

/** Lines and words of an axis in the page's colours. */
export function axis(more: uPlot.Axis): uPlot.Axis {
  const line = { stroke: () => colour('grid'), width: 1 };
  return { font, labelFont: font, stroke: () => colour('faint'), grid: line, ticks: line, ...more };
}

/** Times of day in UTC, as everywhere on the page; uPlot counts seconds. */
export const tzDate = (seconds: number): Date => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC');

/** With 24 hours: how ticks are marked that lie so many seconds apart or more, with the date where a day begins. */
export function timeFormats(): (string | number | null)[][] {
  const date = '\n{YYYY}-{MM}-{DD}';
  const [minute, hour, day, year] = [60, 3_600, 86_400, 86_400 * 365];
  // Columns: least distance, text, and what is added where year, month, day, hour, minute, second change; then the mode.
  const row = (from: number, text: string, onDay: string | null, onMinute: string | null = null) => [
    ...[from, text, onDay, null, onDay, null, onMinute, null, 1],
  ];
  return [
    row(year, '{YYYY}', null),
    row(28 * day, '{YYYY}-{MM}', null),
    row(day, '{YYYY}-{MM}-{DD}', null),
    row(hour, '{HH}:{mm}', date),
    row(minute, '{HH}:{mm}', date),
    row(1, '{HH}:{mm}:{ss}', date),
    row(0.001, '{ss}.{fff}', `${date} {HH}:{mm}`, '\n{HH}:{mm}'),
  ];
}

/** So many curves are told apart at most. */
export const coloursMax = 8;

export const seriesColour = (at: number): string => colour(`series-${(at % coloursMax) + 1}`);

/** Also without colours curves can be told apart. */
export function dashOf(at: number): number[] {
  return [[], [8, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 4], [1, 2], [12, 3, 2, 3, 2, 3]][at % coloursMax] ?? [];
}
