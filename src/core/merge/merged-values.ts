import { asArray } from '../journal/journalled-outcome.ts';
import { decodeJson } from '../json.ts';
import { metaValues, type RowShape } from '../result-row.ts';
import type { MergedJob } from './merged-row.ts';

/** The lines that a job gives, as values: what stands before the results, then these. */
export function mergedValues(
  { candidate, origin, rows, argsJson, occurrence }: MergedJob,
  shape: Omit<RowShape, 'width'>,
  seed: string,
): readonly (readonly unknown[])[] {
  const about = { ...candidate, runMs: candidate.runMicros / 1_000, args: asArray(decodeJson(argsJson)), occurrence };
  const meta = metaValues(about, origin.session, { machine: () => origin.machine, seed }, shape);
  return rows.map(({ json }) => [...meta, ...asArray(decodeJson(`[${json}]`))]);
}
