import { formatCountOf } from '../format-count.ts';
import type { JournalHeader, JournalSession } from '../journal/record.ts';
import { approximateRatio, parseRatio } from '../ratio.ts';
import { type CommonArgument, findCommonArguments } from './common-arguments.ts';
import type { FailureGroup } from './failure-groups.ts';
import type { JobTally, MachineTally } from './job-tally.ts';
import { type PlotData, plotDataOf } from './plot-data.ts';
import type { SlowJob } from './slowest.ts';
import { imbalanceOf, suggestWeights, type WeightAdvice } from './suggest-weights.ts';

/** One run folder, read. */
export interface Run {
  readonly folder: string;
  readonly header: JournalHeader;
  readonly sessions: readonly JournalSession[];
  readonly experimentDigest: string;
  readonly planDigest: string;
  /** Jobs of the whole pool, and of this machine's share. */
  readonly total: number;
  readonly share: number;
  readonly retried: number;
  /** A program is at work in it, as far as can be seen from here. */
  readonly isRunning: boolean;
  readonly tally: MachineTally;
}

/** Everything that the page shows; its size does not grow with the number of jobs. */
export interface Report {
  readonly experiment: string;
  readonly madeAtMs: number;
  readonly jobs: JobCounts;
  /** The first job's start and the last one's end; `undefined` where nothing has run. */
  readonly extent: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** What all jobs took together. */
  readonly busyMs: number;
  readonly machines: readonly MachineReport[];
  readonly plots: PlotData | undefined;
  readonly slowest: readonly SlowJob[];
  readonly weights: readonly WeightAdvice[];
  readonly imbalance: number | undefined;
  readonly isShuffled: boolean;
  readonly failures: readonly FailureReport[];
  /** Failed in other ways than these. */
  readonly otherFailures: number;
  readonly runs: readonly Run[];
  readonly notes: readonly string[];
}

export interface JobCounts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly left: number;
  readonly retried: number;
}

export interface MachineReport {
  readonly machine: string;
  readonly jobs: JobCounts;
  readonly cores: number;
  readonly isRunning: boolean;
  readonly busyMs: number;
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly meanMs: number | undefined;
  readonly maxMs: number | undefined;
  /** How long its cores still need, by the mean of its jobs; `undefined` where nothing is known or left. */
  readonly leftMs: number | undefined;
}

export interface FailureReport
  extends Pick<FailureGroup, 'example' | 'exampleArgs' | 'count' | 'jobs' | 'machines' | 'alike'> {
  readonly common: readonly CommonArgument[];
}

export interface ReportParts {
  /** At least one, all of one experiment. */
  readonly runs: readonly [Run, ...Run[]];
  readonly tally: JobTally;
  /** Settled jobs, each once, whatever number of machines settled it. */
  readonly settled: number;
  /** Those that more than one machine settled: so often they succeeded, and failed, beyond once. */
  readonly repeated: { readonly done: number; readonly failed: number };
  readonly notes: readonly string[];
  readonly nowMs: number;
}

/** Draws all together. */
export function composeReport({ runs, tally, settled, repeated, notes, nowMs }: ReportParts): Report {
  const [{ header }] = runs;
  const tallies = runs.map((run) => run.tally);
  const sum = (of: (run: Run) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const total = Math.max(...runs.map((run) => run.total));
  const weights = suggestWeights(runs.map(measuredOf));
  const extents = tallies.flatMap(({ grid }) => grid.extent ?? []);
  return {
    experiment: header.experiment,
    madeAtMs: nowMs,
    jobs: {
      total,
      done: sum((run) => run.tally.done) - repeated.done,
      failed: sum((run) => run.tally.failed) - repeated.failed,
      left: Math.max(0, total - settled),
      retried: sum((run) => run.retried),
    },
    extent:
      extents.length === 0
        ? undefined
        : {
            fromMs: Math.min(...extents.map(({ fromMs }) => fromMs)),
            toMs: Math.max(...extents.map(({ toMs }) => toMs)),
          },
    busyMs: sum((run) => run.tally.busyMs),
    machines: runs.map(machineOf),
    plots: plotDataOf(tallies),
    slowest: tally.slowest.list,
    weights,
    imbalance: imbalanceOf(weights),
    isShuffled: header.plan?.order !== 'given',
    failures: tally.failures.list().map(({ args, ...group }) => {
      return { ...group, common: findCommonArguments(args, tally.args) };
    }),
    otherFailures: tally.failures.others,
    runs,
    notes: [...notes, ...runs.flatMap(notesOn), ...findAbsent(runs), ...findUnlike(runs)],
  };
}

/** Whoever takes part in a campaign has no share: what it took counts. */
const shareOf = ({ header, tally, share }: Run): number => (header.joined === true ? tally.done + tally.failed : share);

const coresOf = ({ sessions }: Run): number => Math.max(1, sessions.at(-1)?.cores ?? 1);

function machineOf(run: Run): MachineReport {
  const { tally, retried, isRunning } = run;
  const share = shareOf(run);
  const { durations, done, failed, busyMs } = tally;
  const left = Math.max(0, share - done - failed);
  const { meanMs } = durations;
  return {
    machine: tally.machine,
    jobs: { total: share, done, failed, left, retried },
    cores: coresOf(run),
    isRunning,
    busyMs,
    medianMs: durations.quantileMs(0.5),
    p95Ms: durations.quantileMs(0.95),
    meanMs,
    maxMs: durations.count === 0 ? undefined : durations.maxMs,
    leftMs: left === 0 || meanMs === undefined ? undefined : (left * meanMs) / coresOf(run),
  };
}

function measuredOf(run: Run): Parameters<typeof suggestWeights>[0][number] {
  const { header, tally } = run;
  const share = shareOf(run);
  const entry = header.plan?.machines.find(({ name }) => name === header.machine);
  const weight = entry === undefined ? undefined : parseRatio(entry.weight);
  return {
    machine: tally.machine,
    weight: weight === undefined ? undefined : approximateRatio(weight),
    cores: entry?.cores ?? coresOf(run),
    jobs: share,
    measured: tally.durations.count,
    meanMs: tally.durations.meanMs,
    errorMs: tally.durations.errorMs,
  };
}

function notesOn({ tally: { machine, untimed } }: Run): readonly string[] {
  return untimed === 0
    ? []
    : [`${machine}: ${formatCountOf(untimed, 'job')} without usable times, counted, but in no plot`];
}

/** Machines of the plan that no folder is of. */
function findAbsent(runs: ReportParts['runs']): readonly string[] {
  const present = new Set<string>(runs.map(({ header }) => header.machine));
  const planned = runs[0].header.plan?.machines ?? [];
  if (present.has('all')) return [];
  const absent = planned.filter(({ name }) => !present.has(name)).map(({ name }) => name);
  return absent.length === 0 ? [] : [`no folder of ${absent.join(', ')} is among these: their jobs count as left`];
}

function findUnlike(runs: ReportParts['runs']): readonly string[] {
  const notes: string[] = [];
  const differs = (of: (run: Run) => string | undefined): boolean => new Set(runs.map(of)).size > 1;
  if (differs((run) => run.experimentDigest)) {
    notes.push('the folders are not of the same experiment digest: jobs, settings or random numbers differ');
  } else if (differs((run) => run.planDigest)) notes.push('the folders are of different plans (machines.json differs)');
  const codes = new Set(runs.flatMap(({ sessions }) => sessions.map((session) => session.codeFingerprint)));
  if (codes.size > 1) notes.push(`the jobs were run by ${codes.size} versions of the code: see Environment`);
  return notes;
}
