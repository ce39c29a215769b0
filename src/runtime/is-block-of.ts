import type { JobIndex, WorkerId } from '../core/ids.ts';

const lineFeed = 10;

/** Whether the text is one line of the journal that settles these jobs: as far as can be seen without reading all of it. */
export function isBlockOf(body: Buffer, worker: WorkerId, attempt: number, jobs: readonly JobIndex[]): boolean {
  const start = `{"type":"block","worker":${worker},"attempt":${attempt},`;
  if (body.toString('latin1', 0, start.length) !== start || body.includes(lineFeed)) return false;
  return body.includes(`"jobs":[${jobs.join(',')}]`, start.length, 'latin1');
}
