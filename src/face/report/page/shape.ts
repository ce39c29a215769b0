import type uPlot from 'uplot';

/** How wide a plot is when nobody says. */
const widthMinPx = 300;
const plots = new Map<HTMLElement, uPlot>();

/** Draws a plot into its place, if the page has one, and keeps its width that of the page. */
export function keepInShape(id: string, draw: (place: HTMLElement) => uPlot): void {
  const place = document.getElementById(id);
  if (place === null) return;
  plots.set(place, draw(place));
  new ResizeObserver(() => plots.get(place)?.setSize({ width: widthOf(place), height: heightOf(place) })).observe(
    place,
  );
}

export function widthOf(place: HTMLElement): number {
  return Math.max(widthMinPx, place.clientWidth);
}

const heightOf = (place: HTMLElement): number => plots.get(place)?.height ?? 0;

/** The page's colour of that name, light or dark. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Colours are read anew at each drawing; the axes are only drawn with the rest.
for (const query of ['(prefers-color-scheme: dark)', 'print']) {
  matchMedia(query).addEventListener('change', () => {
    for (const plot of plots.values()) plot.redraw(false, true);
  });
}
