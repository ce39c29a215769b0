import { isRecord } from '../is-record.ts';

/** The members of a block that hold an entry for each job. */
const columns: ReadonlySet<string> = new Set(['jobs', 'same', 'args', 'begin', 'run', 'late', 'rows', 'files']);

/**
 * The body of a block with some of its jobs only. Everything else stays as it is, but for the proof of its stretch of
 * `results.csv`, which it cannot give for a part.
 */
export function partOfBlock(bodyJson: string, wants: (job: number) => boolean): string {
  const body: unknown = JSON.parse(bodyJson);
  if (!isRecord(body) || !Array.isArray(body.jobs)) throw new Error('Internal error: this is no block');
  const jobs: readonly unknown[] = body.jobs;
  const keep = jobs.map((job) => wants(Number(job)));
  const members = Object.entries(body).map(([name, value]) => {
    if (name === 'csv') return [name, [0, '00000000']];
    return [name, columns.has(name) && Array.isArray(value) ? value.filter((_, at) => keep[at]) : value];
  });
  return JSON.stringify(Object.fromEntries(members));
}
