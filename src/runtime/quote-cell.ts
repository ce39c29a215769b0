import { stringify } from 'csv-stringify/sync';

/** One cell of a CSV file, quoted where it must be. */
export function quoteCell(cell: string): string {
  return stringify([[cell]], { eof: false });
}
