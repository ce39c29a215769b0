/** ASCII, and what boards are drawn with: a column each. */
const plain = /^[\u0020-\u007e\u00b7\u2013\u2014\u2026\u2500-\u259f]*$/;
let measure: ((text: string) => number) | undefined;
let loading: Promise<void> | undefined;
let segmenter: Intl.Segmenter | undefined;

/**
 * Columns that a text takes on a terminal: wide characters take two, combining ones none. What knows them takes as long to
 * load as Node.js itself, so it is loaded when it is needed first; until it is there, they count as wide.
 */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  if (measure !== undefined) return measure(text);
  void loadWidths();
  return 2 * text.length;
}

/** Right from the start, where a text is written once and for all. */
export async function prepareWidths(texts: readonly string[]): Promise<void> {
  if (!texts.every((text) => plain.test(text))) await loadWidths();
}

function loadWidths(): Promise<void> {
  loading ??= import('string-width').then(({ default: stringWidth }) => {
    measure = stringWidth;
  });
  return loading;
}

/** As much of a text as fits into so many columns; `more` (one column) stands where something was cut off. */
export function cutToWidth(text: string, columns: number, more: string): string {
  if (columns <= 0) return '';
  if (widthOf(text) <= columns) return text;
  segmenter ??= new Intl.Segmenter();
  let [kept, width] = ['', 0];
  for (const { segment } of segmenter.segment(text)) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return kept + more;
}

/** Filled up with spaces. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}
