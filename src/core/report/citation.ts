import { formatCountOf } from '../format-count.ts';
import type { Report } from './report.ts';

/** Digits of a digest that a paper needs: 64 bits, and they stay findable in the journal. */
const digitsShown = 16;

/** A paragraph for the methods section, in plain text. */
export function citeRun(report: Report): string {
  const { runs, jobs, experiment, extent, busyMs, machines } = report;
  const sessions = runs.flatMap((run) => run.sessions);
  const cores = machines.reduce((sum, machine) => sum + machine.cores, 0);
  const targets = listOf(sessions.map(({ target }) => target));
  const program = listOf(sessions.map(({ versions }) => versions['job-splitter']));
  const node = listOf(sessions.map(({ versions }) => versions.node));
  const where = `${formatCountOf(runs.length, 'machine')} with ${formatCountOf(cores, 'core')} (${targets})`;
  const when = extent === undefined ? '' : ` ${daysOf(extent.fromMs, extent.toMs)} (UTC)`;
  const first = `The ${formatCountOf(jobs.total, 'job')} of the experiment “${experiment}” ${jobs.total === 1 ? 'was' : 'were'} run with job-splitter ${program} (Node.js ${node}) on ${where}${when}, which took ${hoursOf(busyMs)} core hours.`;
  const left = jobs.left === 0 ? '' : `, ${jobs.left.toLocaleString('en-US')} were not run`;
  const failed = jobs.failed === 0 ? 'none failed' : `${jobs.failed.toLocaleString('en-US')} failed`;
  const second = `${jobs.done.toLocaleString('en-US')} succeeded, ${failed}${left}.`;
  const digests = [
    `experiment digest ${digestsOf(runs.map((run) => run.experimentDigest))}`,
    `plan digest ${digestsOf(runs.map((run) => run.planDigest))}`,
    `code fingerprint ${digestsOf(sessions.map((session) => session.codeFingerprint))}`,
    `seed ${digestsOf(runs.map((run) => run.header.seed))}`,
  ];
  const streams = runs[0]?.header.stream === 'per-job' ? 'independent for each job' : 'the same for all jobs';
  return `${first} ${second} The jobs' random numbers (${streams}) follow from seed and arguments, whatever machine ran them: ${digests.join(', ')}.`;
}

function listOf(values: readonly (string | undefined)[]): string {
  return [...new Set(values.map((value) => value ?? 'unknown'))].join(', ');
}

function digestsOf(values: readonly string[]): string {
  return [...new Set(values)].map((value) => value.slice(0, digitsShown)).join(' and ');
}

function daysOf(fromMs: number, toMs: number): string {
  const [from, to] = [dayOf(fromMs), dayOf(toMs)];
  return from === to ? `on ${from}` : `between ${from} and ${to}`;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function hoursOf(ms: number): string {
  const hours = ms / 3_600_000;
  return hours >= 100 ? Math.round(hours).toLocaleString('en-US') : String(Number(hours.toPrecision(2)));
}
