import type { JournalledOutcome } from '../journal/journalled-outcome.ts';
import { ArgumentCounts, keysOf } from './argument-counts.ts';
import { DurationHistogram } from './duration-histogram.ts';
import { FailureGroups } from './failure-groups.ts';
import { Slowest } from './slowest.ts';
import { TimeGrid, type TimeSeries } from './time-grid.ts';
import type { Lifetime } from './worker-lanes.ts';

/** Bins of the time axis: more than a screen shows, fewer than would make the page large. */
export const timeBinsMax = 1_024;

export interface WorkerTrace extends Lifetime {
  fromMs: number;
  toMs: number;
  jobs: number;
  failed: number;
  /** What its jobs took together. */
  busyMs: number;
  readonly busy: TimeSeries;
  readonly failures: TimeSeries;
}

/** What one run folder's jobs come to. */
export class MachineTally {
  readonly machine: string;
  readonly grid: TimeGrid = new TimeGrid(timeBinsMax);
  readonly #workers = new Map<string, WorkerTrace>();
  readonly succeeded: TimeSeries = this.grid.createSeries();
  readonly failedAt: TimeSeries = this.grid.createSeries();
  /** Of the jobs that succeeded. */
  readonly durations: DurationHistogram = new DurationHistogram();
  failed = 0;
  busyMs = 0;
  /** Outcomes whose times cannot be used; they count, but are in no plot. */
  untimed = 0;

  constructor(machine: string) {
    this.machine = machine;
  }

  get done(): number {
    return this.durations.count;
  }

  get workers(): readonly WorkerTrace[] {
    return [...this.#workers.values()];
  }

  /** `session` tells apart workers of the same number. */
  add({ worker, startedAtMs, endedAtMs, runMs, result }: JournalledOutcome, session: number): void {
    const hasFailed = result.status === 'failed';
    const lastMs = isSpan(runMs) ? runMs : 0;
    if (hasFailed) this.failed++;
    else this.durations.add(lastMs);
    this.busyMs += lastMs;
    if (!isTime(startedAtMs) || !isTime(endedAtMs) || !isSpan(runMs)) {
      this.untimed++;
      return;
    }
    (hasFailed ? this.failedAt : this.succeeded).addAt(endedAtMs, 1);
    const toMs = startedAtMs + runMs;
    const trace = this.#traceOf(`${session}.${worker}`, startedAtMs);
    trace.fromMs = Math.min(trace.fromMs, startedAtMs);
    trace.toMs = Math.max(trace.toMs, toMs);
    trace.jobs++;
    trace.busyMs += runMs;
    trace.busy.addSpan(startedAtMs, toMs);
    if (!hasFailed) return;
    trace.failed++;
    trace.failures.addAt(toMs, 1);
  }

  #traceOf(key: string, atMs: number): WorkerTrace {
    const known = this.#workers.get(key);
    if (known !== undefined) return known;
    const [busy, failures] = [this.grid.createSeries(), this.grid.createSeries()];
    const trace = { fromMs: atMs, toMs: atMs, jobs: 0, failed: 0, busyMs: 0, busy, failures };
    this.#workers.set(key, trace);
    return trace;
  }
}

/** What the jobs of all run folders come to. Grows with workers and kinds of failure, not with jobs. */
export class JobTally {
  readonly args: ArgumentCounts = new ArgumentCounts();
  readonly failures: FailureGroups = new FailureGroups();
  readonly slowest: Slowest = new Slowest();

  /** First all failed jobs are told, which a journal's index knows … */
  addFailure(outcome: JournalledOutcome, machine: string): void {
    if (outcome.result.status === 'failed') this.failures.add(outcome, outcome.result.failure, machine);
  }

  /** … then, after `failures.startComparing()`, all settled ones, these too. */
  add(machine: MachineTally, session: number, outcome: JournalledOutcome): void {
    machine.add(outcome, session);
    const keys = keysOf(outcome.args);
    this.args.addKeys(keys);
    this.failures.compare(keys);
    this.slowest.add(outcome, machine.machine);
  }
}

/** Of which a date can be made; what a damaged or foreign line may hold is anything. */
const isTime = (ms: number): boolean => Math.abs(ms) <= 8.64e15 / 2;
const isSpan = (ms: number): boolean => ms >= 0 && ms <= 8.64e15 / 4;
