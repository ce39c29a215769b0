import { isNumbersRow } from '../journal/block-slices.ts';
import { asArray } from '../journal/journalled-outcome.ts';
import { decodeJson } from '../json.ts';
import { type QuoteCell, quickRow, type RowText, spellRow } from '../row-text.ts';

/** The rows of a success, from the text in the journal: as they are spelt where they are made, at a fraction of the cost. */
export function rowTextsOf(rowsJson: string, quoteCell: QuoteCell): readonly RowText[] {
  if (isNumbersRow(rowsJson)) {
    // Numbers are spelt the same way in both files.
    const text = rowsJson.slice(2, -2);
    return [{ json: text, csv: text, width: countCells(text) }];
  }
  return rowsOf(rowsJson).map((row) => quickRow(row, undefined) ?? spellRow(row, quoteCell));
}

export function rowsOf(rowsJson: string): readonly (readonly unknown[])[] {
  return asArray(decodeJson(rowsJson)).map(asArray);
}

function countCells(numbers: string): number {
  if (numbers === '') return 0;
  let cells = 1;
  for (let at = numbers.indexOf(','); at >= 0; at = numbers.indexOf(',', at + 1)) cells++;
  return cells;
}
