import stringWidth from 'string-width';

const plain = /^[\u0020-\u007e]*$/;
let segmenter: Intl.Segmenter | undefined;

/** Columns that a text takes on a terminal: wide characters take two, combining ones none. */
export function widthOf(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
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
