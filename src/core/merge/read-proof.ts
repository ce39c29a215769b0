import { type CreateSha256, TextHash } from '../hash.ts';
import { isRecord } from '../is-record.ts';
import { type ProofHead, sealProof } from './proof.ts';
import { markedJobsMax, noMark, type RangeProof, rangeJobs } from './results-hash.ts';

/** What `proof.json` holds. */
export interface Proof {
  readonly head: ProofHead;
  readonly ranges: readonly RangeProof[];
}

/** Reads a proof and holds its parts against each other; says what is wrong with one that merge did not write as it stands. */
export function parseProof(text: string, createSha256?: CreateSha256): Proof | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `is not JSON (${error instanceof Error ? error.message : String(error)})` };
  }
  if (!isRecord(value) || !Array.isArray(value.ranges)) return { problem: 'is no proof that merge wrote' };
  if (value.version !== 1) return { problem: `has version ${String(value.version)}; this program reads version 1` };
  const { ranges, seal, ...rest } = value;
  const head = rest as unknown as ProofHead;
  if (!isHead(head)) return { problem: changed('its head lacks something') };
  if (seal !== sealProof(head)) return { problem: changed('its head does not fit its seal') };
  const found: RangeProof[] = [];
  for (const [at, range] of ranges.entries()) {
    const jobs = Math.min(rangeJobs, head.jobs.total - at * rangeJobs);
    if (!isRange(range, jobs, head.jobs.total <= markedJobsMax))
      return { problem: changed(`entry ${at + 1} of its ranges does not hold together`) };
    found.push(range);
  }
  const problem = whyUneven(head, found, createSha256);
  return problem === undefined ? { head, ranges: found } : { problem: changed(problem) };
}

const changed = (why: string): string => `was changed since merge wrote it, or is damaged: ${why}`;

function isHead({ jobs, layout, results, poolDigest, rows }: ProofHead): boolean {
  return (
    isRecord(jobs) &&
    [jobs.total, jobs.done, jobs.failed, jobs.missing, rows].every(isCount) &&
    isRecord(layout) &&
    isCount(layout.metaCells) &&
    (layout.jobIdCell === null || (isCount(layout.jobIdCell) && layout.jobIdCell < layout.metaCells)) &&
    Array.isArray(layout.header) &&
    typeof results === 'string' &&
    typeof poolDigest === 'string'
  );
}

function isRange(range: unknown, jobs: number, hasMarks: boolean): range is RangeProof {
  if (!isRecord(range) || typeof range.sha256 !== 'string' || !Array.isArray(range.rows)) return false;
  let sum = 0;
  let marks = '';
  for (const run of range.rows as readonly unknown[]) {
    if (!Array.isArray(run) || !isCount(run[0]) || run[0] === 0 || !(isCount(run[1]) || run[1] === -1)) return false;
    sum += run[0];
    if (sum > jobs) return false;
    marks += (run[1] === -1 ? noMark : '????').repeat(run[0]);
  }
  if (sum !== jobs) return false;
  if (!hasMarks) return range.marks === undefined;
  return typeof range.marks === 'string' && fits(range.marks, marks);
}

/** Whether there are marks where there have to be some. */
function fits(marks: string, pattern: string): boolean {
  if (marks.length !== pattern.length) return false;
  for (let at = 0; at < marks.length; at += noMark.length) {
    if ((marks.slice(at, at + noMark.length) === noMark) !== (pattern[at] === '.')) return false;
  }
  return true;
}

function whyUneven(head: ProofHead, ranges: readonly RangeProof[], createSha256?: CreateSha256): string | undefined {
  const { total, done, failed, missing } = head.jobs;
  if (ranges.length !== Math.ceil(total / rangeJobs)) return 'it has too few ranges, or too many';
  const hash = new TextHash('job-splitter/results/v1', createSha256).add(head.poolDigest);
  let [jobs, rows] = [0, 0];
  for (const range of ranges) {
    hash.add(range.sha256);
    for (const [count, each] of range.rows) {
      if (each < 0) continue;
      jobs += count;
      rows += count * each;
    }
  }
  if (jobs !== done || rows !== head.rows || done + failed + missing !== total) return 'its numbers do not add up';
  return hash.digest() === head.results ? undefined : 'its ranges do not give the hash over all results';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
