import { unreachable } from '../core/assert.ts';
import type { Dispatch } from '../core/dispatch/dispatch.ts';
import type { Assignment, DispatchEffect, DispatchEvent, Finish, StopHow } from '../core/dispatch/protocol.ts';
import type { JobIndex, WorkerId } from '../core/ids.ts';
import { encodeFailedAttempt } from '../core/journal/record.ts';
import type { Reporter, RunEvent } from '../core/run-event.ts';
import { type JournalParts, JournalWriter } from './journal-writer.ts';
import type { Spawner, WorkerChannel } from './ports.ts';
import { WakeUp } from './wake-up.ts';

export interface DispatcherParts extends JournalParts {
  readonly dispatch: Dispatch;
  readonly spawner: Spawner;
  readonly reporter: Reporter;
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

/** The only loop: tells `Dispatch` what happens, performs what it asks for and has the journal written. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #channels = new Map<WorkerId, WorkerChannel>();
  /** Workers that were killed or dismissed: their end surprises nobody. */
  readonly #sentAway = new Set<WorkerId>();
  readonly #journal: JournalWriter;
  readonly #wake: WakeUp;
  #held = false;
  #finish: Finish | undefined;
  #isOver = false;
  #asked: StopHow | undefined;
  #givingUp: StopHow | undefined;
  #onEnd: (end: DispatcherEnd) => void = () => undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#wake = new WakeUp(parts.clock, () => this.#tell({ type: 'tick' }));
    this.#journal = new JournalWriter(parts, {
      durable: (settled) => this.#report({ type: 'jobs-settled', ...settled }),
      hold: (held) => this.#hold(held),
      stuck: (why) => this.#report({ type: 'warning', message: `the journal cannot be written: ${why}; waiting` }),
      broken: () => this.#breakOff(),
      moved: () => {
        if (this.#finish !== undefined) this.#journal.hurry();
        this.#endIfOver();
      },
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
    this.#journal.append(sessionJson);
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
    if (this.#finish === undefined) this.#journal.tick();
    else this.#journal.hurry();
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
        this.#journal.addFailure(effect.outcome);
        break;
      case 'settle-block':
        this.#journal.addBlock(effect.block);
        break;
      case 'retry':
        this.#journal.append(encodeFailedAttempt(effect.assignment, effect.failure));
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
        this.#wake.at(effect.atMs);
        break;
      case 'finish':
        this.#wake.cancel();
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

  #breakOff(): void {
    for (const channel of this.#channels.values()) channel.kill();
    this.#tell({ type: 'stop', how: 'now' });
  }

  /** No new jobs while what is done cannot be kept. */
  #hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    this.#tell({ type: 'hold', held });
  }

  #endIfOver(): void {
    if (this.#finish === undefined || this.#isOver) return;
    const why = this.#journal.broken;
    if (why === undefined && !this.#journal.isQuiet) {
      this.#giveUpInTime();
      return;
    }
    const unrecorded = this.#journal.end();
    this.#isOver = true;
    this.#report({ type: 'tally', tally: this.#parts.dispatch.tally });
    this.#onEnd(why === undefined ? this.#finish : { reason: 'journal-broken', why, unrecorded });
  }

  /** All is over but for a disk that refuses; whoever asked for the end must get it. */
  #giveUpInTime(): void {
    if (this.#asked === undefined || this.#asked === this.#givingUp) return;
    this.#givingUp = this.#asked;
    this.#journal.giveUpIn(lastTriesMs[this.#asked]);
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
