import { unreachable } from '../assert.ts';
import type { WorkerId } from '../ids.ts';
import type { Block } from '../outcome.ts';
import { Alarm } from './alarm.ts';
import type { Attempts } from './attempts.ts';
import { BatchCutter } from './batch-cutter.ts';
import { Feeding } from './feeding.ts';
import { howToHalt, whyHalt } from './halt.ts';
import { Parting } from './parting.ts';
import { type DispatchPolicy, startTimeoutDefaultMs } from './policy.ts';
import type { Answer, Assignment, DispatchEffect, DispatchEvent, Finish, StopHow, WorkerEnd } from './protocol.ts';
import type { Queue } from './queue.ts';
import { recallDueMs } from './recall.ts';
import { Settlement } from './settlement.ts';
import { Starts } from './starts.ts';
import type { Tally } from './tally.ts';
import { Until } from './until.ts';
import { judge, type Verdict } from './verdict.ts';
import { deadlineOf, putOff, settleDown, takeHead, takeOut, type WorkerRecord } from './worker-state.ts';
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
  readonly #until: Until;
  readonly #workers = new Workers();
  readonly #starts = new Starts();
  readonly #alarm = new Alarm();
  readonly #feeding: Feeding;
  readonly #settlement: Settlement;
  readonly #parting: Parting;
  #phase: Phase = 'running';
  /** From when on nothing new may begin. */
  #drainSinceMs: number = Number.POSITIVE_INFINITY;
  #finish: Finish = { reason: 'complete' };
  #held = false;
  #nowMs = 0;
  #effects: DispatchEffect[] = [];

  constructor(policy: DispatchPolicy, queue: Queue, attempts: Attempts) {
    this.#policy = policy;
    this.#cutter = new BatchCutter(policy, queue, attempts);
    const emit = (effect: DispatchEffect): void => void this.#effects.push(effect);
    this.#feeding = new Feeding(policy, this.#cutter, this.#workers, emit);
    this.#parting = new Parting(policy, emit);
    this.#settlement = new Settlement(this.#cutter, attempts, emit, () => this.#haltIfDue());
    this.#until = new Until(policy);
  }

  /** How many jobs are at a worker now. */
  get running(): number {
    return this.#workers.running;
  }

  /** Counts of this session. */
  get tally(): Tally {
    return this.#settlement.tally.now;
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
      case 'succeeded':
        this.#succeeded(event.block);
        return;
      case 'failed':
        this.#failed(event.worker, event.answer);
        return;
      case 'recalled':
        this.#recalled(event.worker, event.assignments);
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
    if (this.#phase === 'running' && this.#cutter.hasMore && this.#jobsInTime() < 1) {
      this.#stopUnasked('drain', { reason: 'until' });
    }
    if (this.#phase === 'running' && !this.#held) this.#feed();
    if (this.#servesRecall()) this.#feeding.recallStuck(this.#drainSinceMs, this.#nowMs);
    if (this.#isOver()) this.#close();
    this.#askToBeWoken();
  }

  #feed(): void {
    for (const worker of this.#workers) if (this.#feeding.isSpent(worker)) this.#parting.dismiss(worker, this.#nowMs);
    this.#feeding.feedAll(this.#jobsInTime(), this.#nowMs);
    if (this.#starts.notBeforeMs <= this.#nowMs) this.#feeding.spawnWanted(this.#nowMs);
  }

  /** While it is drained, what has not begun shall not begin any more; stopped workers begin nothing by themselves. */
  #servesRecall(): boolean {
    if (this.#phase === 'running') return !this.#held && this.#feeding.servesRecall();
    return this.#phase === 'draining';
  }

  #workerReady(id: WorkerId): void {
    const worker = this.#workers.get(id);
    if (worker?.at.state !== 'starting') return;
    this.#starts.succeeded();
    worker.at = { state: 'idle', sinceMs: this.#nowMs };
  }

  /** A dying worker is not heard: its job's fate was decided when it was killed. The first cause wins. */
  #succeeded(block: Block): void {
    const worker = this.#workers.get(block.worker);
    if (worker?.at.state !== 'busy' || !takeHead(worker.at, block)) return;
    worker.at.firstSinceMs = this.#nowMs;
    worker.answered += block.jobs.length;
    this.#cutter.learn(block);
    this.#until.learn(block.maxMs, block.jobs.length);
    this.#settlement.settleBlock(block);
    settleDown(worker, this.#nowMs);
  }

  #failed(id: WorkerId, answer: Answer): void {
    const worker = this.#workers.get(id);
    if (worker?.at.state !== 'busy' || takeOut(worker.at, [answer]).length === 0) return;
    const { runMs, job } = answer;
    worker.at.firstSinceMs = this.#nowMs;
    worker.answered++;
    this.#cutter.learn({ jobs: [job], sumMs: runMs, maxMs: runMs });
    this.#until.learn(runMs, 1);
    this.#settlement.concludeFailure(worker.id, answer, worker.at.killAtMs !== undefined);
    settleDown(worker, this.#nowMs);
  }

  #recalled(id: WorkerId, assignments: readonly Assignment[]): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    worker.recall = 'kept';
    if (worker.at.state === 'busy') {
      const back = takeOut(worker.at, assignments);
      // They never ran there: a death can be the fault only of what it kept.
      worker.assigned -= back.length;
      this.#settlement.takeBack(back);
    }
    settleDown(worker, this.#nowMs);
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
        this.#settlement.fail(worker.id, verdict.assignment, verdict.failure, verdict.times, 'fresh');
        break;
      case 'give-back':
        this.#settlement.giveBack(worker.id, verdict.assignments, verdict.suspicion, verdict.why);
        break;
      default:
        unreachable(verdict);
    }
  }

  #haltIfDue(): void {
    if (this.#phase !== 'running') return;
    const { halt, cores } = this.#policy;
    const why = whyHalt(halt, this.#settlement.tally.settled, this.#settlement.tally.failed, cores);
    if (why !== undefined) this.#stopUnasked(howToHalt(halt), { reason: 'halted', why });
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
    this.#drainSinceMs = Math.min(this.#drainSinceMs, this.#nowMs);
    if (how === 'drain') return;
    for (const worker of this.#workers) {
      if (worker.at.state !== 'busy') continue;
      worker.at.killAtMs = this.#nowMs + this.#policy.graceMs;
      this.#effects.push({ type: 'abort', worker: worker.id });
    }
  }

  #deadlineOf(worker: WorkerRecord): number {
    const { at } = worker;
    // Its job must not run a second time beside it: while the run goes on, it is waited for.
    const holdsJobs = at.state === 'dying' && at.unanswered.length > 0;
    if (holdsJobs && this.#phase === 'running') return Number.POSITIVE_INFINITY;
    return deadlineOf(worker, this.#policy, this.#policy.startTimeoutMs ?? startTimeoutDefaultMs);
  }

  #losePatience(worker: WorkerRecord): void {
    if (worker.at.state === 'dying') this.#workerEnded(worker.id, { cause: 'crash', how: 'it cannot be killed' });
    else this.#parting.losePatience(worker, this.#nowMs);
  }

  #jobsInTime(): number {
    return this.#until.jobsInTime(this.#workers, this.#nowMs);
  }

  #isOver(): boolean {
    if (this.#phase === 'running' && this.#cutter.hasMore) return false;
    for (const { at } of this.#workers) {
      if (at.state === 'busy' || (at.state === 'dying' && at.unanswered.length > 0)) return false;
    }
    return true;
  }

  /** Sends home who is left; the run is finished when the last worker is gone. */
  #close(): void {
    for (const worker of this.#workers) this.#parting.dismiss(worker, this.#nowMs);
    if (this.#workers.size > 0) return;
    // Jobs all done in spite of a stop: nothing was cut short.
    if (!this.#cutter.hasMore) this.#finish = { reason: 'complete' };
    this.#phase = 'finished';
    this.#effects.push({ type: 'finish', finish: this.#finish });
  }

  #askToBeWoken(): void {
    if (this.#phase === 'finished') return;
    let atMs = Number.POSITIVE_INFINITY;
    if (this.#phase === 'running' && this.#cutter.hasMore) {
      if (this.#starts.notBeforeMs > this.#nowMs) atMs = this.#starts.notBeforeMs;
      atMs = Math.min(atMs, this.#until.atMs);
    }
    const servesRecall = this.#servesRecall();
    for (const worker of this.#workers) {
      atMs = Math.min(atMs, this.#deadlineOf(worker));
      if (servesRecall) atMs = Math.min(atMs, recallDueMs(worker, this.#drainSinceMs));
    }
    const wakeMs = this.#alarm.ask(atMs, this.#nowMs);
    if (wakeMs !== undefined) this.#effects.push({ type: 'wake', atMs: wakeMs });
  }
}
