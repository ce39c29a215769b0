import type { JobIndex } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import type { CsvProof } from './block.ts';
import type { SpeltJob } from './record.ts';

/** A success as a block holds it. */
export type Success = Extract<Outcome, { readonly status: 'succeeded' }>;

/** A success with the times that a block can hold: milliseconds as whole numbers, three decimals of what it took. */
export function roundTimes(success: Success): Success {
  const startedAtMs = Math.round(success.startedAtMs);
  const runMs = Math.round(success.runMs * 1_000) / 1_000;
  return { ...success, startedAtMs, runMs, endedAtMs: startedAtMs + Math.round(runMs) };
}

/**
 * The body of a line of type `block` (see `block.ts`) for successes of one worker and one number of attempt, with times
 * after `roundTimes`. `csv` proves the text that they give in `results.csv`.
 */
export function encodeBlock(
  successes: readonly [Success, ...Success[]],
  spell: (job: JobIndex) => SpeltJob,
  csv: CsvProof,
): string {
  const [{ worker, attempt, startedAtMs: startMs }] = successes;
  const spelt = successes.map(({ job }) => spell(job));
  const list = (name: string, of: (success: Success, at: number) => unknown): string =>
    `"${name}":[${successes.map(of).join(',')}]`;
  const same = spelt.some(({ occurrence }) => occurrence > 0);
  const files = successes.some((success) => success.files !== undefined);
  const members = [
    `{"type":"block","worker":${worker},"attempt":${attempt},"start":${startMs},"csv":[${csv.bytes},"${csv.crc}"]`,
    list('jobs', ({ job }) => job),
    ...(same ? [list('same', (_, at) => spelt[at]?.occurrence)] : []),
    list('args', (_, at) => spelt[at]?.argsJson),
    list('begin', ({ startedAtMs }) => startedAtMs - startMs),
    list('run', ({ runMs }) => runMs),
    list('rows', ({ rowsJson }) => rowsJson),
    ...(files ? [list('files', (success) => JSON.stringify(success.files ?? null))] : []),
  ];
  return `${members.join(',')}}`;
}
