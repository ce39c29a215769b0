import { assert, unreachable } from '../assert.ts';
import { type WorkerId, workerId } from '../ids.ts';
import type { AttemptTimes, Failure } from '../outcome.ts';
import type { Attempts } from './attempts.ts';
import { BatchCutter } from './batch-cutter.ts';
import { howToHalt, whyHalt } from './halt.ts';
import { type DispatchPolicy, respawnDelayMs, timeoutFailure, workerStartFailuresMax } from './policy.ts';
import type { Answer, Assignment, DispatchEffect, DispatchEvent, Finish, StopHow, WorkerEnd } from './protocol.ts';
import type { JobQueue } from './queue.ts';
import type { Busy, Dying, WorkerRecord } from './worker-state.ts';

/*
 *              begin              queue empty, nothing unanswered
 *   new ─────────────► running ───────────────────────────────────► closing ──► finished
 *                         │  stop, halt, workers cannot start          ▲   (workers gone)
 *                         └─────────► draining / stopping ────────────┘
 */
type Phase = 'running' | 'draining' | 'stopping' | 'finished';

/**
 * Decides which worker runs which job. Is told events and the time (milliseconds since 1970, on a clock that
 * never goes back), returns what is to be done; never waits, reads or prints. Each job is settled exactly once or left for a
 * later session; a job is charged an attempt only when the failure is surely its own.
 */
export class Dispatch {
  readonly #policy: DispatchPolicy;
  readonly #queue: JobQueue;
  readonly #attempts: Attempts;
  readonly #cutter: BatchCutter;
  readonly #workers = new Map<WorkerId, WorkerRecord>();
  #phase: Phase = 'running';
  #finish: Finish = { reason: 'complete' };
  #held = false;
  #workersEver = 0;
  #startFailures = 0;
  #respawnAtMs = 0;
  #settled = 0;
  #failed = 0;
  #nowMs = 0;
  #effects: DispatchEffect[] = [];

  constructor(policy: DispatchPolicy, queue: JobQueue, attempts: Attempts) {
    this.#policy = policy;
    this.#queue = queue;
    this.#attempts = attempts;
    this.#cutter = new BatchCutter(policy, queue, attempts);
  }

  /** How many jobs are at a worker now. */
  get running(): number {
    let count = 0;
    for (const { at } of this.#workers.values()) if (at.state === 'busy') count += at.unanswered.length;
    return count;
  }

  step(event: DispatchEvent, nowMs: number): readonly DispatchEffect[] {
    this.#nowMs = nowMs;
    this.#effects = [];
    this.#take(event);
    if (this.#phase !== 'finished') this.#carryOn();
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
    this.#enforceTimes();
    if (this.#phase === 'running' && !this.#held) {
      for (const worker of this.#workers.values()) this.#feed(worker);
      this.#spawnWanted();
    }
    if (this.#isOver()) this.#close();
    this.#askToBeWoken();
  }

  #workerReady(id: WorkerId): void {
    const worker = this.#workers.get(id);
    if (worker?.at.state !== 'starting') return;
    this.#startFailures = 0;
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
      worker.answered++;
      this.#cutter.learn(answer);
      this.#conclude(worker.id, answer, busy.killAtMs !== undefined);
    }
    busy.firstSinceMs = this.#nowMs;
    if (busy.unanswered.length === 0) worker.at = { state: 'idle' };
  }

  #conclude(worker: WorkerId, answer: Answer, aborted: boolean): void {
    const { job, attempt, startedAtMs, endedAtMs, runMs } = answer;
    if (answer.ok) {
      const { rowsJson, files } = answer;
      const times = { startedAtMs, endedAtMs, runMs };
      this.#settle({ status: 'succeeded', job, attempt, worker, ...times, rowsJson, ...(files && { files }) });
    } else if (aborted) {
      // It was told to stop: an error now is the stop's, and costs the job nothing.
      this.#queue.putBack(job);
    } else {
      this.#fail(worker, answer, answer.failure, { startedAtMs, endedAtMs, runMs });
    }
  }

  #fail(worker: WorkerId, { job, attempt }: Assignment, failure: Failure, times: AttemptTimes): void {
    if (this.#attempts.spend(job, failure.cause) === 'give-up') {
      this.#settle({ status: 'failed', job, attempt, worker, ...times, failure });
      return;
    }
    this.#effects.push({ type: 'retry', worker, assignment: { job, attempt }, failure });
    this.#queue.putBack(job);
  }

  #settle(outcome: Extract<DispatchEffect, { type: 'settle' }>['outcome']): void {
    this.#effects.push({ type: 'settle', outcome });
    this.#settled++;
    if (outcome.status === 'failed') this.#failed++;
    const why = whyHalt(this.#policy.halt, this.#settled, this.#failed, this.#policy.cores);
    if (why === undefined || this.#phase !== 'running') return;
    this.#stop(howToHalt(this.#policy.halt), { reason: 'halted', why });
  }

  #workerEnded(id: WorkerId, end: WorkerEnd): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    this.#workers.delete(id);
    switch (worker.at.state) {
      case 'starting':
        this.#startFailed(end);
        break;
      case 'busy':
        if (worker.at.killAtMs !== undefined || end.cause === 'retired') this.#takeBack(worker.at.unanswered);
        else this.#blame(worker, worker.at, { cause: end.cause, message: `the worker ended: ${end.how}` });
        break;
      case 'dying':
        if (worker.at.why === 'timeout') this.#blame(worker, worker.at, timeoutFailure(this.#policy.timeoutMs));
        else this.#takeBack(worker.at.unanswered);
        break;
      case 'idle':
      case 'leaving':
        break;
      default:
        unreachable(worker.at);
    }
  }

  #takeBack(assignments: readonly Assignment[]): void {
    for (const { job } of assignments) this.#queue.putBack(job);
  }

  #startFailed(end: WorkerEnd): void {
    this.#startFailures++;
    this.#respawnAtMs = this.#nowMs + respawnDelayMs(this.#startFailures);
    if (this.#startFailures < workerStartFailuresMax || this.#phase !== 'running') return;
    this.#stop('drain', { reason: 'workers-cannot-start', how: end.how });
  }

  /** One unanswered job is charged; several cannot be told apart and go out again, one by one, free of charge. */
  #blame(worker: WorkerRecord, at: Busy | Dying, what: Omit<Failure, 'stack'>): void {
    const [only, ...others] = at.unanswered;
    if (only !== undefined && others.length === 0) {
      this.#cutter.acquit(only.job);
      const times = { startedAtMs: at.firstSinceMs, endedAtMs: this.#nowMs, runMs: this.#nowMs - at.firstSinceMs };
      this.#fail(worker.id, only, { ...what, stack: '' }, times);
      return;
    }
    for (const { job } of at.unanswered) {
      this.#cutter.suspect(job);
      this.#queue.putBack(job);
    }
  }

  #stop(how: StopHow, finish: Finish): void {
    if (this.#phase === 'finished' || this.#phase === 'stopping') return;
    if (this.#phase === 'running' || (how === 'now' && finish.reason === 'stopped')) this.#finish = finish;
    this.#phase = how === 'now' ? 'stopping' : 'draining';
    if (how === 'drain') return;
    for (const worker of this.#workers.values()) {
      if (worker.at.state === 'busy') {
        worker.at.killAtMs = this.#nowMs + this.#policy.graceMs;
        this.#effects.push({ type: 'abort', worker: worker.id });
      }
    }
  }

  #enforceTimes(): void {
    const { timeoutMs } = this.#policy;
    for (const worker of this.#workers.values()) {
      if (worker.at.state !== 'busy') continue;
      if (worker.at.killAtMs !== undefined && worker.at.killAtMs <= this.#nowMs) this.#kill(worker, worker.at, 'stop');
      else if (timeoutMs !== undefined && worker.at.firstSinceMs + timeoutMs <= this.#nowMs) {
        this.#kill(worker, worker.at, 'timeout');
      }
    }
  }

  #kill(worker: WorkerRecord, busy: Busy, why: Dying['why']): void {
    worker.at = { state: 'dying', why, unanswered: busy.unanswered, firstSinceMs: busy.firstSinceMs };
    this.#effects.push({ type: 'kill', worker: worker.id });
  }

  #feed(worker: WorkerRecord): void {
    if (worker.at.state !== 'idle' && worker.at.state !== 'busy') return;
    const quota = (this.#policy.jobsPerWorkerMax ?? Number.POSITIVE_INFINITY) - worker.answered;
    if (worker.at.state === 'idle' && quota <= 0) {
      this.#dismiss(worker);
      return;
    }
    const assignments = this.#cutter.cut(worker.at, quota);
    if (assignments.length === 0) return;
    if (worker.at.state === 'busy') worker.at.unanswered.push(...assignments);
    else {
      const firstSinceMs = this.#nowMs;
      worker.at = { state: 'busy', unanswered: [...assignments], firstSinceMs, killAtMs: undefined };
    }
    this.#effects.push({ type: 'assign', worker: worker.id, assignments });
  }

  /** As many workers as there is work for, up to the machine's cores. */
  #spawnWanted(): void {
    if (this.#respawnAtMs > this.#nowMs) return;
    let idleOrComing = 0;
    for (const { at } of this.#workers.values()) if (at.state === 'starting' || at.state === 'idle') idleOrComing++;
    const wanted = Math.min(this.#policy.cores - this.#workers.size, this.#queue.left - idleOrComing);
    for (let count = 0; count < wanted; count++) {
      const id = workerId(++this.#workersEver);
      this.#workers.set(id, { id, answered: 0, at: { state: 'starting' } });
      this.#effects.push({ type: 'spawn', worker: id });
    }
  }

  #isOver(): boolean {
    for (const { at } of this.#workers.values()) if (at.state === 'busy' || at.state === 'dying') return false;
    return this.#phase !== 'running' || this.#queue.left === 0;
  }

  /** Sends home who is left; the run is finished when the last worker is gone. */
  #close(): void {
    for (const worker of this.#workers.values()) this.#dismiss(worker);
    if (this.#workers.size > 0) return;
    // Jobs all done in spite of a stop: nothing was cut short.
    if (this.#queue.left === 0) this.#finish = { reason: 'complete' };
    this.#phase = 'finished';
    this.#effects.push({ type: 'finish', finish: this.#finish });
  }

  #dismiss(worker: WorkerRecord): void {
    if (worker.at.state === 'leaving') return;
    assert(
      worker.at.state === 'idle' || worker.at.state === 'starting',
      'only a worker without a job can be dismissed',
    );
    // One that has not said `ready` yet has no ears for a polite word.
    this.#effects.push({ type: worker.at.state === 'idle' ? 'dismiss' : 'kill', worker: worker.id });
    worker.at = { state: 'leaving' };
  }

  #askToBeWoken(): void {
    let atMs = Number.POSITIVE_INFINITY;
    if (this.#phase === 'running' && this.#queue.left > 0 && this.#respawnAtMs > this.#nowMs) atMs = this.#respawnAtMs;
    for (const { at } of this.#workers.values()) {
      if (at.state !== 'busy') continue;
      if (at.killAtMs !== undefined) atMs = Math.min(atMs, at.killAtMs);
      if (this.#policy.timeoutMs !== undefined) atMs = Math.min(atMs, at.firstSinceMs + this.#policy.timeoutMs);
    }
    if (atMs < Number.POSITIVE_INFINITY) this.#effects.push({ type: 'wake', atMs });
  }
}
