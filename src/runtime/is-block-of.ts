import type { JobIndex, WorkerId } from '../core/ids.ts';

const [lineFeed, comma, bracket, zero] = [10, 44, 93, 48];

/** Whether the text is one line of the journal that settles these jobs: as far as can be seen without reading all of it. */
export function isBlockOf(body: Buffer, worker: WorkerId, attempt: number, jobs: readonly JobIndex[]): boolean {
  const start = `{"type":"block","worker":${worker},"attempt":${attempt},`;
  if (body.toString('latin1', 0, start.length) !== start || body.includes(lineFeed)) return false;
  const list = '"jobs":[';
  const at = body.indexOf(list, start.length, 'latin1');
  return at >= 0 && holdsList(body, at + list.length, jobs);
}

/** Compares digit by digit: to spell the numbers would take ten times as long, for each job of a run. */
function holdsList(body: Buffer, from: number, jobs: readonly number[]): boolean {
  let at = from;
  for (let index = 0; index < jobs.length; index++) {
    let value = 0;
    const firstAt = at;
    let digit = (body[at] ?? 0) - zero;
    for (; digit >= 0 && digit <= 9; digit = (body[++at] ?? 0) - zero) value = 10 * value + digit;
    if (value !== jobs[index] || at === firstAt || (body[firstAt] === zero && at > firstAt + 1)) return false;
    if (body[at++] !== (index === jobs.length - 1 ? bracket : comma)) return false;
  }
  return jobs.length > 0;
}
