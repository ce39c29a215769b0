import type { PlotData } from '../../core/report/plot-data.ts';

/** What the page's script is given, as JSON in the page. */
export interface PageData {
  /** `undefined` (left out) where there is nothing to draw. */
  readonly plots: PlotData | undefined;
  /** Names of the machines, safe to be shown. */
  readonly machines: readonly string[];
}
