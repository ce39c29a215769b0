import { join } from 'node:path';
import { countNamed, generateHeader } from '../config/header.ts';
import { hashTexts } from '../core/hash.ts';
import { encodeJson } from '../core/json.ts';
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
    named: countNamed(prepared.headerShape, prepared.headerCells),
    source: { machine: () => machine, seed: prepared.seed },
    fingerprint: fingerprintResults({ prepared, machine, experiment }),
  };
}

/** Of all that decides what text a job gives in `results.csv`, but for the session's start: 16 hex digits. */
export function fingerprintResults({
  prepared,
  machine,
  experiment,
}: Pick<ShareRequest, 'prepared' | 'machine' | 'experiment'>): string {
  const { resolved, seed, headerCells, headerShape } = prepared;
  const header = headerCells ?? { generated: headerShape.argumentCount };
  const decisive = [resolved.settings.results, experiment.columns ?? null, machine, seed, header];
  return hashTexts('job-splitter/results-text/v1', encodeJson(decisive)).slice(0, 16);
}
