import { assert, unreachable } from '../core/assert.ts';
import type { Dispatch } from '../core/dispatch/dispatch.ts';
import type { Assignment, DispatchEffect, DispatchEvent, Finish, StopHow } from '../core/dispatch/protocol.ts';
import type { JobIndex, WorkerId } from '../core/ids.ts';
import type { CommitEffect, GroupCommit } from '../core/journal/commit.ts';
import { type Checksum, encodeLine, encodeSpeltLine, type Piece } from '../core/journal/line.ts';
import { encodeFailedAttempt, encodeFailedOutcome, type SpeltJob } from '../core/journal/record.ts';
import type { Block, FailedOutcome } from '../core/outcome.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import type { Clock } from './clock.ts';
import type { JournalSink, Spawner, WorkerChannel } from './ports.ts';
import { Undurable } from './undurable.ts';
import { WakeUp } from './wake-up.ts';

export interface DispatcherParts {
  readonly dispatch: Dispatch;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly sink: JournalSink;
  readonly reporter: Reporter;
  readonly checksum: Checksum;
  readonly nextSeq: number;
  readonly spell: (job: JobIndex) => SpeltJob;
}

/**
 * Why the loop ended: as the dispatcher decided, or because the journal could not be written any more. `unrecorded`: jobs
 * that were finished and are not in the journal; they run again.
 */
export type DispatcherEnd =
  | Finish
  | { readonly reason: 'journal-broken'; readonly why: string; readonly unrecorded: number };

/** How long the journal is tried once all is over and somebody wants the end: after one request, after a second one. */
const lastTriesMs = { drain: 10_000, now: 2_000 };

type EventBody<Event> = Event extends unknown ? Omit<Event, 'atMs'> : never;

/** The only loop: tells `Dispatch` and `GroupCommit` what happens and performs what they ask for. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #channels = new Map<WorkerId, WorkerChannel>();
  /** Workers that were killed or dismissed: their end surprises nobody. */
  readonly #sentAway = new Set<WorkerId>();
  readonly #undurable = new Undurable();
  readonly #dispatchWake: WakeUp;
  readonly #commitWake: WakeUp;
  #nextSeq: number;
  #held = false;
  #isStuck = false;
  #finish: Finish | undefined;
  #broken: string | undefined;
  #isOver = false;
  #asked: StopHow | undefined;
  #givingUp: StopHow | undefined;
  #onEnd: (end: DispatcherEnd) => void = () => undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#nextSeq = parts.nextSeq;
    this.#dispatchWake = new WakeUp(parts.clock, () => this.#tell({ type: 'tick' }));
    this.#commitWake = new WakeUp(parts.clock, () => {
      this.#commit(parts.commit.tick(parts.clock.nowMs()));
      this.#endIfOver();
    });
  }

  /** Runs the share; `onEnd` is called once, when all workers are gone and all is on disk. */
  start(onEnd: (end: DispatcherEnd) => void): void {
    this.#onEnd = onEnd;
    this.#tell({ type: 'begin' });
  }

  /** `drain`, then `now`; any number of times, at any time. */
  stop(how: StopHow, by: 'signal' | 'request'): void {
    if (this.#asked !== 'now') this.#asked = how;
    this.#reportStopping(how, 'stopped', by === 'signal');
    this.#tell({ type: 'stop', how });
  }

  /** The queue has been given other jobs, which the journal is told: whoever is idle may have work now. */
  goOnBy(sessionJson: string): void {
    this.#append(sessionJson);
    this.lookAgain();
  }

  /** The queue was given more jobs, or was closed. */
  lookAgain(): void {
    this.#tell({ type: 'hold', held: this.#held });
  }

  #tell(event: DispatchEvent): void {
    if (this.#finish !== undefined) {
      this.#endIfOver();
      return;
    }
    for (const effect of this.#parts.dispatch.step(event, this.#parts.clock.nowMs())) this.#perform(effect);
    if (this.#finish === undefined) this.#commit(this.#parts.commit.tick(this.#parts.clock.nowMs()));
    else this.#commit(this.#parts.commit.hurry(this.#parts.clock.nowMs()));
    this.#endIfOver();
  }

  #perform(effect: DispatchEffect): void {
    switch (effect.type) {
      case 'spawn':
        this.#spawn(effect.worker);
        break;
      case 'assign':
        this.#assign(effect.worker, effect.assignments);
        break;
      case 'abort':
        this.#channels.get(effect.worker)?.abort();
        break;
      case 'recall':
        this.#channels.get(effect.worker)?.recall();
        break;
      case 'kill':
        this.#sentAway.add(effect.worker);
        this.#channels.get(effect.worker)?.kill();
        break;
      case 'dismiss':
        this.#sentAway.add(effect.worker);
        this.#channels.get(effect.worker)?.dismiss();
        break;
      case 'settle':
        this.#journalFailure(effect.outcome);
        break;
      case 'settle-block':
        this.#journalBlock(effect.block);
        break;
      case 'retry':
        this.#append(encodeFailedAttempt(effect.assignment, effect.failure));
        this.#report({ type: 'job-retried', worker: effect.worker, ...effect.assignment, failure: effect.failure });
        break;
      case 'give-back':
        this.#report({
          type: 'jobs-returned',
          worker: effect.worker,
          jobs: effect.assignments.map(({ job }) => job),
          why: effect.why,
        });
        break;
      case 'stopping':
        this.#reportStopping(effect.how, effect.finish.reason, false);
        break;
      case 'wake':
        this.#dispatchWake.at(effect.atMs);
        break;
      case 'finish':
        this.#dispatchWake.cancel();
        this.#finish = effect.finish;
        break;
      default:
        unreachable(effect);
    }
  }

  #spawn(worker: WorkerId): void {
    const channel = this.#parts.spawner.spawn(worker, {
      ready: (pid) => {
        this.#report({ type: 'worker-started', worker, pid });
        this.#tell({ type: 'worker-ready', worker });
      },
      block: (block) => {
        this.#tell({ type: 'succeeded', block });
        this.#reportRunning(worker);
      },
      failed: (answer) => {
        this.#tell({ type: 'failed', worker, answer });
        this.#reportRunning(worker);
      },
      recalled: (assignments) => this.#tell({ type: 'recalled', worker, assignments }),
      progress: (job, fraction, message) =>
        this.#report({ type: 'job-progress', worker, job, fraction, ...(message !== undefined && { message }) }),
      log: (line) => this.#report({ type: 'job-log', worker, job: this.#runningAt(worker), line }),
      output: (stream, text, job = this.#runningAt(worker)) =>
        this.#report({ type: 'job-output', worker, job, stream, text }),
      ended: (end) => {
        this.#channels.delete(worker);
        this.#report({ type: 'worker-ended', worker, how: end.how, expected: this.#sentAway.delete(worker) });
        this.#tell({ type: 'worker-ended', worker, end });
      },
    });
    this.#channels.set(worker, channel);
  }

  #assign(worker: WorkerId, assignments: readonly Assignment[]): void {
    const channel = this.#channels.get(worker);
    const wasIdle = channel?.running === undefined;
    channel?.assign(assignments);
    if (wasIdle) this.#reportRunning(worker);
  }

  #runningAt(worker: WorkerId): JobIndex | undefined {
    return this.#channels.get(worker)?.running?.job;
  }

  #reportRunning(worker: WorkerId): void {
    const running = this.#channels.get(worker)?.running;
    if (running !== undefined) this.#report({ type: 'job-started', worker, ...running });
  }

  #journalFailure(failure: FailedOutcome): void {
    const ticket = this.#append(encodeFailedOutcome(failure, this.#parts.spell(failure.job)));
    this.#undurable.add(ticket, { failure });
  }

  #journalBlock(block: Block): void {
    const line = encodeSpeltLine(this.#nextSeq++, block.body, this.#parts.checksum);
    const ticket = this.#parts.commit.append(line, this.#parts.clock.nowMs());
    this.#undurable.add(ticket, { block });
  }

  #append(bodyJson: string): number {
    const line = encodeLine(this.#nextSeq++, bodyJson, this.#parts.checksum);
    return this.#parts.commit.append([line], this.#parts.clock.nowMs());
  }

  #commit(effects: readonly CommitEffect[]): void {
    for (const effect of effects) this.#performCommit(effect);
  }

  #performCommit(effect: CommitEffect): void {
    switch (effect.type) {
      case 'flush':
        this.#flush(effect.text, effect.positionBytes);
        break;
      case 'durable':
        this.#announce(effect.ticket);
        this.#isStuck = false;
        this.#hold(false);
        break;
      case 'wake':
        this.#commitWake.at(effect.atMs);
        break;
      case 'full':
        this.#hold(true);
        break;
      case 'stuck':
        if (!this.#isStuck)
          this.#report({ type: 'warning', message: `the journal cannot be written: ${effect.why}; waiting` });
        this.#isStuck = true;
        this.#hold(true);
        break;
      case 'broken':
        this.#broken = effect.why;
        for (const channel of this.#channels.values()) channel.kill();
        this.#tell({ type: 'stop', how: 'now' });
        break;
      default:
        unreachable(effect);
    }
  }

  #flush(text: readonly Piece[], positionBytes: number): void {
    this.#parts.sink.flush(text, positionBytes, (result) => {
      const nowMs = this.#parts.clock.nowMs();
      this.#commit(
        result.ok
          ? this.#parts.commit.flushed(result.bytes, nowMs)
          : this.#parts.commit.failed(result.why, result.mayPass, nowMs),
      );
      if (this.#finish !== undefined && result.ok) this.#commit(this.#parts.commit.hurry(nowMs));
      this.#endIfOver();
    });
  }

  /** No new jobs while what is done cannot be kept. */
  #hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    this.#tell({ type: 'hold', held });
  }

  #announce(ticket: number): void {
    const settled = this.#undurable.take(ticket);
    if (settled.blocks.length + settled.failures.length > 0) this.#report({ type: 'jobs-settled', ...settled });
  }

  #endIfOver(): void {
    if (this.#finish === undefined || this.#isOver) return;
    if (this.#broken === undefined && !this.#parts.commit.isQuiet) {
      this.#giveUpInTime();
      return;
    }
    assert(this.#broken !== undefined || this.#undurable.isEmpty, 'the run ended with outcomes not on disk');
    this.#commitWake.cancel();
    this.#isOver = true;
    this.#report({ type: 'tally', tally: this.#parts.dispatch.tally });
    const [why, unrecorded] = [this.#broken, this.#undurable.countJobs()];
    this.#onEnd(why === undefined ? this.#finish : { reason: 'journal-broken', why, unrecorded });
  }

  /** All is over but for a disk that refuses; whoever asked for the end must get it. */
  #giveUpInTime(): void {
    if (this.#asked === undefined || this.#asked === this.#givingUp) return;
    this.#givingUp = this.#asked;
    const nowMs = this.#parts.clock.nowMs();
    this.#commit(this.#parts.commit.giveUpAt(nowMs + lastTriesMs[this.#asked], nowMs));
  }

  #reportStopping(how: StopHow, reason: Finish['reason'], isBySignal: boolean): void {
    const { dispatch, clock } = this.#parts;
    const longestLeftMs = dispatch.longestLeftMs(clock.nowMs());
    this.#report({ type: 'stopping', how, reason, isBySignal, running: dispatch.running, longestLeftMs });
  }

  #report(event: EventBody<RunEvent>): void {
    this.#parts.reporter.on({ ...event, atMs: this.#parts.clock.nowMs() } as RunEvent);
  }
}
