import { join } from 'node:path';
import { generateHeader } from '../config/header.ts';
import type { ResultsLayout } from '../runtime/results-file.ts';
import type { ShareRequest } from './share-request.ts';

/** Where a machine's results stand, and how they are written. */
export function resultsLayoutOf(
  { prepared, machine, experiment }: ShareRequest,
  folder: string,
): Omit<ResultsLayout, 'onTrouble'> {
  const shape = prepared.resolved.settings.results;
  return {
    path: join(folder, shape.fileName),
    shape,
    header: (width) => prepared.headerCells ?? generateHeader(prepared.headerShape, width),
    width: experiment.columns?.length,
    source: { machine: () => machine, seed: prepared.seed },
  };
}
