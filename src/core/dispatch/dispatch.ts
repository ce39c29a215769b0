import { assert, unreachable } from '../assert.ts';
import type { WorkerId } from '../ids.ts';
import type { AttemptTimes, Failure, Outcome } from '../outcome.ts';
import { Alarm } from './alarm.ts';
import type { Attempts } from './attempts.ts';
import { BatchCutter } from './batch-cutter.ts';
import { howToHalt, whyHalt } from './halt.ts';
import { type DispatchPolicy, startTimeoutDefaultMs } from './policy.ts';
import type { Answer, Assignment, DispatchEffect, DispatchEvent, Finish, StopHow, WorkerEnd } from './protocol.ts';
import type { JobQueue } from './queue.ts';
import { Starts } from './starts.ts';
import { type Tally, TallyKeeper } from './tally.ts';
import { Until } from './until.ts';
import { judge, type Suspicion, type Verdict } from './verdict.ts';
import { type Busy, type Dying, deadlineOf, putOff, type WorkerRecord } from './worker-state.ts';
import { Workers } from './workers.ts';

/*
 *              begin              queue empty, nothing unanswered
 *   new ─────────────► running ───────────────────────────────────► closing ──► finished
 *                         │  stop, halt, until, no worker starts       ▲   (workers gone)
 *                         └─────────► draining ──► stopping ───────────┘
 */
type Phase = 'running' | 'draining' | 'stopping' | 'finished';

/**
 * Decides which worker runs which job. Is told events and the time (milliseconds since 1970, on a clock that
 * never goes back), returns what is to be done; never waits, reads or prints. Each job is settled exactly once or left for a
 * later session; a job is charged an attempt only when the failure is surely its own.
 */
export class Dispatch {
  readonly #policy: DispatchPolicy;
  readonly #cutter: BatchCutter;
  readonly #attempts: Attempts;
  readonly #until: Until;
  readonly #workers = new Workers();
  readonly #starts = new Starts();
  readonly #alarm = new Alarm();
  readonly #tally = new TallyKeeper();
  #phase: Phase = 'running';
  #finish: Finish = { reason: 'complete' };
  #held = false;
  #nowMs = 0;
  #effects: DispatchEffect[] = [];

  constructor(policy: DispatchPolicy, queue: JobQueue, attempts: Attempts) {
    this.#policy = policy;
    this.#attempts = attempts;
    this.#cutter = new BatchCutter(policy, queue, attempts);
    this.#until = new Until(policy);
  }

  /** How many jobs are at a worker now. */
  get running(): number {
    return this.#workers.running;
  }

  /** Counts of this session. */
  get tally(): Tally {
    return this.#tally.now;
  }

  /** How long it will take about until all running jobs are finished; `undefined` where nothing is known. */
  longestLeftMs(nowMs: number): number | undefined {
    return this.#until.longestLeftMs(this.#workers, nowMs);
  }

  step(event: DispatchEvent, nowMs: number): readonly DispatchEffect[] {
    this.#nowMs = nowMs;
    this.#effects = [];
    if (this.#phase === 'finished') return this.#effects;
    const lostMs = this.#alarm.excuse(nowMs, event.type === 'tick');
    if (lostMs > 0) for (const { at } of this.#workers) putOff(at, lostMs);
    this.#take(event);
    this.#carryOn();
    return this.#effects;
  }

  #take(event: DispatchEvent): void {
    switch (event.type) {
      case 'begin':
      case 'tick':
        return; // What they are for follows from the time.
      case 'hold':
        this.#held = event.held;
        return;
      case 'worker-ready':
        this.#workerReady(event.worker);
        return;
      case 'answers':
        this.#answered(event.worker, event.answers);
        return;
      case 'worker-ended':
        this.#workerEnded(event.worker, event.end);
        return;
      case 'stop':
        this.#stop(event.how, { reason: 'stopped', how: event.how });
        return;
      default:
        unreachable(event);
    }
  }

  /** What follows from any event: time limits, work for idle workers, new workers, the end. */
  #carryOn(): void {
    for (const worker of this.#workers) {
      if (this.#deadlineOf(worker) <= this.#nowMs) this.#losePatience(worker);
    }
    if (this.#phase === 'running' && this.#cutter.left > 0 && this.#jobsInTime() < 1) {
      this.#stopUnasked('drain', { reason: 'until' });
    }
    if (this.#phase === 'running' && !this.#held) {
      this.#feedAll();
      this.#spawnWanted();
    }
    if (this.#isOver()) this.#close();
    this.#askToBeWoken();
  }

  #workerReady(id: WorkerId): void {
    const worker = this.#workers.get(id);
    if (worker?.at.state !== 'starting') return;
    this.#starts.succeeded();
    worker.at = { state: 'idle' };
  }

  #answered(id: WorkerId, answers: readonly Answer[]): void {
    const worker = this.#workers.get(id);
    // A dying worker is not heard: its job's fate was decided when it was killed. The first cause wins.
    if (worker?.at.state !== 'busy') return;
    const busy = worker.at;
    for (const answer of answers) {
      const at = busy.unanswered.findIndex(({ job, attempt }) => job === answer.job && attempt === answer.attempt);
      if (at < 0) continue;
      busy.unanswered.splice(at, 1);
      busy.firstSinceMs = this.#nowMs;
      worker.answered++;
      this.#cutter.learn(answer);
      this.#until.learn(answer.runMs);
      this.#conclude(worker.id, answer, busy.killAtMs !== undefined);
    }
    if (busy.unanswered.length === 0) worker.at = { state: 'idle' };
  }

  #conclude(worker: WorkerId, answer: Answer, aborted: boolean): void {
    const { job, attempt, startedAtMs, endedAtMs, runMs } = answer;
    const times = { startedAtMs, endedAtMs, runMs };
    if (answer.ok) {
      const { rowsJson, files } = answer;
      this.#settle({ status: 'succeeded', job, attempt, worker, ...times, rowsJson, ...(files && { files }) });
    }
    // It was told to stop: an error now is the stop's, and costs the job nothing.
    else if (aborted) this.#giveBack(worker, [{ job, attempt }], 'none', 'the run is stopped');
    else this.#fail(worker, { job, attempt }, answer.failure, times, 'alone');
  }

  #fail(
    worker: WorkerId,
    { job, attempt }: Assignment,
    failure: Failure,
    times: AttemptTimes,
    suspicion: Suspicion,
  ): void {
    if (this.#attempts.spend(job, failure.cause) === 'give-up') {
      this.#settle({ status: 'failed', job, attempt, worker, ...times, failure });
      return;
    }
    this.#tally.retry(failure.cause);
    this.#effects.push({ type: 'retry', worker, assignment: { job, attempt }, failure });
    this.#cutter.putBack(job, suspicion);
  }

  #settle(outcome: Outcome): void {
    this.#effects.push({ type: 'settle', outcome });
    this.#tally.settle(outcome);
    if (this.#phase !== 'running') return;
    const { halt, cores } = this.#policy;
    const why = whyHalt(halt, this.#tally.settled, this.#tally.failed, cores);
    if (why !== undefined) this.#stopUnasked(howToHalt(halt), { reason: 'halted', why });
  }

  #giveBack(worker: WorkerId, assignments: readonly Assignment[], suspicion: Suspicion, why: string): void {
    if (assignments.length === 0) return;
    for (const { job } of assignments) this.#cutter.putBack(job, suspicion);
    this.#tally.giveBack(assignments.length);
    this.#effects.push({ type: 'give-back', worker, assignments, why });
  }

  #workerEnded(id: WorkerId, end: WorkerEnd): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    this.#workers.remove(id);
    this.#execute(worker, judge(worker, end, this.#policy, this.#nowMs));
  }

  #execute(worker: WorkerRecord, verdict: Verdict): void {
    switch (verdict.kind) {
      case 'nothing':
        break;
      case 'start-failed':
        if (this.#starts.failed(this.#nowMs)) {
          this.#stopUnasked('drain', { reason: 'workers-cannot-start', how: verdict.how });
        }
        break;
      case 'charge':
        this.#fail(worker.id, verdict.assignment, verdict.failure, verdict.times, 'fresh');
        break;
      case 'give-back':
        this.#giveBack(worker.id, verdict.assignments, verdict.suspicion, verdict.why);
        break;
      default:
        unreachable(verdict);
    }
  }

  #stopUnasked(how: StopHow, finish: Finish): void {
    if (this.#phase !== 'running') return;
    this.#effects.push({ type: 'stopping', how, finish });
    this.#stop(how, finish);
  }

  /** A second stop can turn `drain` into `now`; a third changes nothing. */
  #stop(how: StopHow, finish: Finish): void {
    if (this.#phase === 'finished' || this.#phase === 'stopping') return;
    if (this.#phase === 'running' || how === 'now') this.#finish = finish;
    this.#phase = how === 'now' ? 'stopping' : 'draining';
    if (how === 'drain') return;
    for (const worker of this.#workers) {
      if (worker.at.state !== 'busy') continue;
      worker.at.killAtMs = this.#nowMs + this.#policy.graceMs;
      this.#effects.push({ type: 'abort', worker: worker.id });
    }
  }

  #deadlineOf({ at }: WorkerRecord): number {
    // Its job must not run a second time beside it: while the run goes on, it is waited for.
    const holdsJobs = at.state === 'dying' && at.unanswered.length > 0;
    if (holdsJobs && this.#phase === 'running') return Number.POSITIVE_INFINITY;
    return deadlineOf(at, this.#policy, this.#policy.startTimeoutMs ?? startTimeoutDefaultMs);
  }

  #losePatience(worker: WorkerRecord): void {
    switch (worker.at.state) {
      case 'idle':
        break;
      case 'starting':
        this.#kill(worker, 'start', undefined);
        break;
      case 'busy':
        this.#kill(worker, worker.at.killAtMs === undefined ? 'timeout' : 'stop', worker.at);
        break;
      case 'leaving':
        this.#kill(worker, 'leave', undefined);
        break;
      case 'dying':
        this.#workerEnded(worker.id, { cause: 'crash', how: 'it cannot be killed' });
        break;
      default:
        unreachable(worker.at);
    }
  }

  #kill(worker: WorkerRecord, why: Dying['why'], busy: Busy | undefined): void {
    const { unanswered, firstSinceMs } = busy ?? { unanswered: [], firstSinceMs: this.#nowMs };
    worker.at = { state: 'dying', why, unanswered, firstSinceMs, sinceMs: this.#nowMs };
    this.#effects.push({ type: 'kill', worker: worker.id });
  }

  #jobsInTime(): number {
    return this.#until.jobsInTime(this.#workers, this.#nowMs);
  }

  #feedAll(): void {
    const inTime = this.#jobsInTime();
    for (const worker of this.#workers) {
      if (worker.at.state === 'idle' || worker.at.state === 'busy') this.#feed(worker, worker.at, inTime);
    }
  }

  #feed(worker: WorkerRecord, at: Extract<WorkerRecord['at'], { state: 'idle' | 'busy' }>, inTime: number): void {
    const quota = (this.#policy.jobsPerWorkerMax ?? Number.POSITIVE_INFINITY) - worker.answered;
    if (at.state === 'idle' && quota <= 0) {
      this.#dismiss(worker);
      return;
    }
    const assignments = this.#cutter.cut(worker, Math.min(quota, inTime));
    if (assignments.length === 0) return;
    worker.assigned += assignments.length;
    if (at.state === 'busy') at.unanswered.push(...assignments);
    else {
      worker.at = { state: 'busy', unanswered: [...assignments], firstSinceMs: this.#nowMs, killAtMs: undefined };
    }
    this.#effects.push({ type: 'assign', worker: worker.id, assignments });
  }

  /** As many workers as there is work for, up to the machine's cores. */
  #spawnWanted(): void {
    if (this.#starts.notBeforeMs > this.#nowMs) return;
    // Who is idle after the feeding can take none of the jobs that are left: they want a new worker. A core is free for
    // each of them, because the worker that it was taken from is gone.
    const coming = this.#workers.count(({ state }) => state === 'starting');
    const wanted = Math.min(this.#policy.cores - this.#workers.size, this.#cutter.left - coming);
    for (let count = 0; count < wanted; count++) {
      const { id } = this.#workers.add(this.#nowMs);
      this.#effects.push({ type: 'spawn', worker: id });
    }
  }

  #isOver(): boolean {
    if (this.#phase === 'running' && this.#cutter.left > 0) return false;
    for (const { at } of this.#workers) {
      if (at.state === 'busy' || (at.state === 'dying' && at.unanswered.length > 0)) return false;
    }
    return true;
  }

  /** Sends home who is left; the run is finished when the last worker is gone. */
  #close(): void {
    for (const worker of this.#workers) this.#dismiss(worker);
    if (this.#workers.size > 0) return;
    // Jobs all done in spite of a stop: nothing was cut short.
    if (this.#cutter.left === 0) this.#finish = { reason: 'complete' };
    this.#phase = 'finished';
    this.#effects.push({ type: 'finish', finish: this.#finish });
  }

  #dismiss(worker: WorkerRecord): void {
    switch (worker.at.state) {
      case 'leaving':
      case 'dying':
        break;
      case 'starting':
        // One that has not said `ready` yet has no ears for a polite word.
        this.#kill(worker, 'leave', undefined);
        break;
      case 'idle':
        worker.at = { state: 'leaving', killAtMs: this.#nowMs + this.#policy.graceMs };
        this.#effects.push({ type: 'dismiss', worker: worker.id });
        break;
      default:
        assert(worker.at.state !== 'busy', 'only a worker without a job can be dismissed');
    }
  }

  #askToBeWoken(): void {
    if (this.#phase === 'finished') return;
    let atMs = Number.POSITIVE_INFINITY;
    if (this.#phase === 'running' && this.#cutter.left > 0) {
      if (this.#starts.notBeforeMs > this.#nowMs) atMs = this.#starts.notBeforeMs;
      atMs = Math.min(atMs, this.#until.atMs);
    }
    for (const worker of this.#workers) atMs = Math.min(atMs, this.#deadlineOf(worker));
    const wakeMs = this.#alarm.ask(atMs, this.#nowMs);
    if (wakeMs !== undefined) this.#effects.push({ type: 'wake', atMs: wakeMs });
  }
}
