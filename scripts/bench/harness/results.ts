import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from './program.ts';

export interface JobTimes {
  readonly startMs: number;
  readonly runMs: number;
}

/** When each job ran, from the default meta columns of results.csv (its cells here need no quotes). */
export function readJobTimes(folder: string): readonly JobTimes[] {
  const [header = '', ...lines] = readFileSync(join(runFolder(folder), 'results.csv'), 'utf8')
    .trimEnd()
    .split('\n');
  const columns = header.split(',');
  const [start, running] = [columns.indexOf('Job Start Time'), columns.indexOf('Job Running Time')];
  return lines.map((line) => {
    const cells = line.split(',');
    return { startMs: Date.parse(cells[start] ?? ''), runMs: 1_000 * Number(cells[running]) };
  });
}

/** From the first job's start to the last one's end. */
export function spanMs(times: readonly JobTimes[]): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { startMs, runMs } of times) {
    first = Math.min(first, startMs);
    last = Math.max(last, startMs + runMs);
  }
  return last - first;
}
