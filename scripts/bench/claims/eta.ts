import { attemptNumber, jobIndex, workerId } from '../../../src/core/ids.ts';
import { RunProgress } from '../../../src/core/progress/run-progress.ts';
import type { Bench, Claim, Report } from '../claim.ts';
import { median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';
import { logNormalTimes, paretoTimes } from '../uneven-times.ts';

const doneParts = [0.25, 0.5, 0.75] as const;
const workers = 8;
const medianMs = 60_000;
const nothing = new Uint8Array();

interface Guess {
  readonly atMs: number;
  /** Ours, and what most tools show: time passed × jobs left / jobs done. */
  readonly readyAtMs: number;
  readonly naiveReadyAtMs: number;
}

interface Ending {
  readonly worker: number;
  readonly job: number;
  readonly startedAtMs: number;
  readonly endsAtMs: number;
}

const pools = {
  'log-normal, sigma 1': (seed: number, count: number) => logNormalTimes(seed, count, 1),
  'log-normal, sigma 2': (seed: number, count: number) => logNormalTimes(seed, count, 2),
  'Pareto 1.3': paretoTimes,
};

export const eta: Claim = {
  name: 'eta',
  title: 'Estimated time of arrival: error on pools of uneven jobs',
  run({ smoke, tell }: Bench): Report {
    const [rounds, count] = smoke ? [3, 40] : [200, 400];
    const rows = Object.entries(pools).flatMap(([name, times]) =>
      [false, true].map((reports) => {
        tell(`${name}, ${reports ? 'reporting' : 'silent'}`);
        const errors = Array.from({ length: rounds }, (_, seed) => errorsOf(times(seed + 1, count), reports));
        return [
          `${name}, jobs ${reports ? 'that report' : 'silent'}`,
          ...doneParts.flatMap((_, at) => [
            formatPercent(median(errors.map(({ ours }) => ours[at] ?? Number.NaN))),
            formatPercent(median(errors.map(({ naive }) => naive[at] ?? Number.NaN))),
          ]),
        ];
      }),
    );
    const head = doneParts.flatMap((part) => [`${100 * part} % done`, 'naive']);
    return {
      findings: [],
      details: [
        `The board's estimate (\`core/progress\`) on ${rounds} pools of ${count} jobs for ${workers} workers each, in virtual time; median of |estimated − true| of the time that is left. Jobs that report say their part each tenth of their way. Naive: time passed × jobs left / jobs done.`,
        renderTable(['pool', ...head], rows),
      ],
    };
  },
};

function errorsOf(
  times: readonly number[],
  reports: boolean,
): { readonly ours: readonly number[]; readonly naive: readonly number[] } {
  const { guesses, endedAtMs } = play(
    times.map((time) => time * medianMs),
    reports,
  );
  const errorOf = (readyAtMs: number, atMs: number): number => Math.abs(readyAtMs - endedAtMs) / (endedAtMs - atMs);
  return {
    ours: guesses.map(({ readyAtMs, atMs }) => errorOf(readyAtMs, atMs)),
    naive: guesses.map(({ naiveReadyAtMs, atMs }) => errorOf(naiveReadyAtMs, atMs)),
  };
}

/** Runs jobs of these lengths in virtual time, each worker taking the next one when it is free. */
function play(
  timesMs: readonly number[],
  reports: boolean,
): { readonly guesses: readonly Guess[]; readonly endedAtMs: number } {
  const progress = new RunProgress();
  const total = timesMs.length;
  progress.take({ type: 'run-started', atMs: 0, total, settled: 0, failed: 0, cores: workers });
  const running: Ending[] = [];
  const guesses: Guess[] = [];
  let next = 0;
  const begin = (worker: number, atMs: number): void => {
    const job = next++;
    const event = { worker: workerId(worker), job: jobIndex(job), attempt: attemptNumber(1) };
    progress.take({ type: 'job-started', atMs, ...event });
    running.push({ worker, job, startedAtMs: atMs, endsAtMs: atMs + (timesMs[job] ?? 0) });
  };
  for (let worker = 1; worker <= Math.min(workers, total); worker++) begin(worker, 0);
  let [done, nowMs] = [0, 0];
  for (let first = takeFirst(running); first !== undefined; first = takeFirst(running)) {
    nowMs = first.endsAtMs;
    if (reports) for (const job of running) report(progress, job, nowMs);
    settle(progress, first);
    done++;
    if (next < total) begin(first.worker, nowMs);
    const wanted = doneParts[guesses.length];
    if (wanted === undefined || done < wanted * total) continue;
    const readyAtMs = progress.readyAtMs(nowMs) ?? Number.NaN;
    guesses.push({ atMs: nowMs, readyAtMs, naiveReadyAtMs: (nowMs * total) / done });
  }
  return { guesses, endedAtMs: nowMs };
}

function takeFirst(running: Ending[]): Ending | undefined {
  let first = 0;
  for (const [at, { endsAtMs }] of running.entries()) if (endsAtMs < (running[first]?.endsAtMs ?? 0)) first = at;
  return running.splice(first, 1)[0];
}

/** The last tenth of its way that the job has passed. */
function report(progress: RunProgress, { worker, job, startedAtMs, endsAtMs }: Ending, nowMs: number): void {
  const lengthMs = endsAtMs - startedAtMs;
  const fraction = Math.floor((10 * (nowMs - startedAtMs)) / lengthMs) / 10;
  if (!(fraction > 0)) return;
  const atMs = startedAtMs + fraction * lengthMs;
  progress.take({ type: 'job-progress', atMs, worker: workerId(worker), job: jobIndex(job), fraction });
}

function settle(progress: RunProgress, { worker, job, startedAtMs, endsAtMs }: Ending): void {
  const runMs = endsAtMs - startedAtMs;
  const block = {
    worker: workerId(worker),
    jobs: [jobIndex(job)],
    attempt: attemptNumber(1),
    sumMs: runMs,
    maxMs: runMs,
    width: undefined,
    body: nothing,
    csv: nothing,
  };
  progress.take({ type: 'jobs-settled', atMs: endsAtMs, blocks: [block], failures: [] });
}

function formatPercent(part: number): string {
  return `${formatNumber(100 * part)} %`;
}
