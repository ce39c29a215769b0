import { cutBuckets } from './duration-histogram.ts';
import type { MachineTally, WorkerTrace } from './job-tally.ts';
import type { TimeSeries } from './time-grid.ts';
import { layLanes } from './worker-lanes.ts';

/** What the page draws: numbers alone. Times in milliseconds since 1970; machines by their place in the report. */
export interface PlotData {
  readonly progress: Curves;
  /** Jobs per second, from each time to the next. */
  readonly rate: Curves;
  readonly timeline: Timeline;
  readonly durations: Durations;
}

/** One curve per machine over common times. */
export interface Curves {
  readonly timesMs: readonly number[];
  readonly machines: readonly (readonly number[])[];
}

export interface Timeline {
  readonly fromMs: number;
  readonly binMs: number;
  readonly bins: number;
  /** Each row stands for a whole machine, because there are too many workers to show. */
  readonly isFolded: boolean;
  readonly lanes: readonly Lane[];
}

export interface Lane {
  /** Place of the machine. */
  readonly machine: number;
  /** From 1. */
  readonly lane: number;
  readonly workers: number;
  readonly jobs: number;
  readonly failed: number;
  readonly busyMs: number;
  /** For each bin how busy it was: one character of `occupancySteps`. */
  readonly occupancy: string;
  /** Bins with failed jobs. */
  readonly failures: readonly number[];
}

/** The characters of `Lane.occupancy`, from idle to all the time; none of them has to be escaped anywhere. */
export const occupancySteps = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';

export interface Durations {
  readonly buckets: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    /** By machine. */
    readonly counts: readonly number[];
  }[];
}

const progressPointsMax = 256;
const ratePointsMax = 96;
/** With fewer jobs in a step a rate would be noise. */
const jobsPerRatePoint = 4;
const lanesMax = 128;
const durationBucketsMax = 48;

/** `undefined` where nothing has run. */
export function plotDataOf(machines: readonly MachineTally[]): PlotData | undefined {
  const axis = alignGrids(machines);
  if (axis === undefined) return undefined;
  return {
    progress: progressOf(machines, axis),
    rate: rateOf(machines, axis),
    timeline: timelineOf(machines, axis),
    durations: durationsOf(machines),
  };
}

/** Bins `first` to `last`, both included; the times in them. */
interface Axis {
  readonly first: number;
  readonly last: number;
  readonly binMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Makes the grids of all machines one. */
function alignGrids(machines: readonly MachineTally[]): Axis | undefined {
  const extents = machines.flatMap(({ grid }) => (grid.extent === undefined ? [] : [grid.extent]));
  const [{ grid } = { grid: undefined }] = machines;
  if (extents.length === 0 || grid === undefined) return undefined;
  const fromMs = Math.min(...extents.map((it) => it.fromMs));
  const toMs = Math.max(...extents.map((it) => it.toMs));
  for (const machine of machines) machine.grid.include(fromMs, toMs);
  const first = grid.binOf(fromMs);
  return { first, last: Math.max(first, grid.lastBinOf(toMs)), binMs: grid.widthMs, fromMs, toMs };
}

/** How many jobs had ended by then. */
function progressOf(machines: readonly MachineTally[], axis: Axis): Curves {
  const { endsMs, counts } = countEnds(machines, axis, progressPointsMax);
  const sums = counts.map((list) => {
    let sum = 0;
    return [0, ...list.map((count) => (sum += count))];
  });
  return { timesMs: [axis.fromMs, ...endsMs.map((ms) => Math.min(ms, axis.toMs))], machines: sums };
}

function rateOf(machines: readonly MachineTally[], axis: Axis): Curves {
  const jobs = machines.reduce((sum, { done, failed }) => sum + done + failed, 0);
  const points = Math.max(1, Math.min(ratePointsMax, Math.floor(jobs / jobsPerRatePoint)));
  const { endsMs, stepMs, counts } = countEnds(machines, axis, points);
  const spansMs = endsMs.map((endMs) => Math.min(endMs, axis.toMs) - Math.max(endMs - stepMs, axis.fromMs));
  // The first and the last step may hold only moments of the run: too little for a rate, unless there is no other.
  const kept = spansMs.flatMap((ms, at) => (2 * ms >= stepMs || endsMs.length === 1 ? [at] : []));
  const starts = kept.map((at) => (endsMs[at] ?? 0) - stepMs);
  const rates = counts.map((list) => {
    const steps = kept.map((at) => perSecond(list[at] ?? 0, spansMs[at] ?? 0));
    return [...steps, ...steps.slice(-1)];
  });
  return { timesMs: [...starts, ...starts.slice(-1).map((ms) => ms + stepMs)], machines: rates };
}

const perSecond = (count: number, ms: number): number => Number(((count * 1_000) / Math.max(ms, 1)).toPrecision(4));

interface Ends {
  readonly stepMs: number;
  /** Of the steps. */
  readonly endsMs: readonly number[];
  /** By machine and step. */
  readonly counts: readonly (readonly number[])[];
}

/** Jobs that ended in each of at most `stepsMax` steps. */
function countEnds(machines: readonly MachineTally[], { first, last, binMs }: Axis, stepsMax: number): Ends {
  const bins = last - first + 1;
  const binsPerStep = Math.ceil(bins / stepsMax);
  const steps = Math.ceil(bins / binsPerStep);
  const counts = machines.map(({ succeeded, failedAt }) => {
    const list = new Array<number>(steps).fill(0);
    for (const series of [succeeded, failedAt]) addBins(series, first, binsPerStep, list);
    return list;
  });
  const stepMs = binsPerStep * binMs;
  return { stepMs, endsMs: Array.from({ length: steps }, (_, at) => first * binMs + (at + 1) * stepMs), counts };
}

function addBins({ bins }: TimeSeries, first: number, binsPerStep: number, list: number[]): void {
  for (const [bin, amount] of bins) {
    // A job of no length at the very beginning ended in the bin before.
    const at = Math.max(0, Math.floor((bin - first) / binsPerStep));
    list[at] = (list[at] ?? 0) + amount;
  }
}

function timelineOf(machines: readonly MachineTally[], axis: Axis): Timeline {
  const laid = machines.map(({ workers }) => layLanes(workers));
  const isFolded = laid.reduce((sum, { length }) => sum + length, 0) > lanesMax;
  const lanes = laid.flatMap((rows, machine) =>
    isFolded
      ? [laneOf(rows.flat(), machine, 1, rows.length, axis)]
      : rows.map((workers, at) => laneOf(workers, machine, at + 1, 1, axis)),
  );
  const { first, last, binMs } = axis;
  return { fromMs: first * binMs, binMs, bins: last - first + 1, isFolded, lanes };
}

/** `rows`: how many workers ran side by side. */
function laneOf(
  workers: readonly WorkerTrace[],
  machine: number,
  lane: number,
  rows: number,
  { first, last, binMs }: Axis,
): Lane {
  const busy = new Array<number>(last - first + 1).fill(0);
  const failed = new Set<number>();
  for (const trace of workers) {
    addBins(trace.busy, first, 1, busy);
    for (const bin of trace.failures.bins.keys()) failed.add(Math.max(0, bin - first));
  }
  const sum = (of: (trace: WorkerTrace) => number): number => workers.reduce((total, trace) => total + of(trace), 0);
  return {
    machine,
    lane,
    workers: workers.length,
    jobs: sum((it) => it.jobs),
    failed: sum((it) => it.failed),
    busyMs: sum((it) => it.busyMs),
    occupancy: busy.map((ms) => spellOccupancy(ms / (binMs * rows))).join(''),
    failures: [...failed].sort((a, b) => a - b),
  };
}

/** Whatever ran at all is seen. */
function spellOccupancy(part: number): string {
  const last = occupancySteps.length - 1;
  return occupancySteps.charAt(part <= 0 ? 0 : Math.max(1, Math.round(Math.min(1, part) * last)));
}

function durationsOf(machines: readonly MachineTally[]): Durations {
  const all = machines.map(({ durations }) => durations).filter(({ count }) => count > 0);
  if (all.length === 0) return { buckets: [] };
  const [minMs, maxMs] = [Math.min(...all.map((it) => it.minMs)), Math.max(...all.map((it) => it.maxMs))];
  const buckets = cutBuckets(minMs, maxMs, durationBucketsMax).map((bucket) => ({
    ...bucket,
    counts: machines.map(({ durations }) => durations.countWithin(bucket)),
  }));
  return { buckets };
}
