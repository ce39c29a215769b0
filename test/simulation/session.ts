import assert from 'node:assert/strict';
import { Attempts } from '../../src/core/dispatch/attempts.ts';
import { Dispatch } from '../../src/core/dispatch/dispatch.ts';
import type { HaltRule } from '../../src/core/dispatch/halt.ts';
import type { DispatchPolicy } from '../../src/core/dispatch/policy.ts';
import { JobQueue } from '../../src/core/dispatch/queue.ts';
import type { JobIndex } from '../../src/core/ids.ts';
import { type CommitPolicy, GroupCommit } from '../../src/core/journal/commit.ts';
import type { JournalFold } from '../../src/core/journal/fold.ts';
import { encodeLine } from '../../src/core/journal/line.ts';
import type { JobOrder } from '../../src/core/order.ts';
import type { Random } from '../../src/core/random.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { Dispatcher, type DispatcherEnd } from '../../src/runtime/dispatcher.ts';
import type { JournalSink, Spawner } from '../../src/runtime/ports.ts';
import type { Faults } from './faults.ts';
import { Floor } from './floor.ts';
import type { Ledger } from './ledger.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedSink } from './simulated-sink.ts';
import { SimulatedWorker, type WorkerSurroundings } from './simulated-worker.ts';
import type { Trace } from './trace.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface SessionParts {
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly disk: SimulatedDisk;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly policy: DispatchPolicy;
  readonly order: JobOrder;
  readonly from: number;
  readonly to: number;
  readonly fold: JournalFold;
  readonly bytes: number;
  readonly surroundings: Pick<WorkerSurroundings, 'kindOf' | 'drawRunMs' | 'timeoutMs'>;
  readonly bug: PlantedBug;
  readonly trace: Trace;
}

const commitPolicy: CommitPolicy = { intervalMs: 40, flushAtBytes: 2_000, holdAtBytes: 4_000, retryMs: 300 };
const stepsMax = 100_000;
const slowFlushMs = 500;
/** A session that was told to stop must be over by then: one worker after another was given up, and the disk too. */
const stopBoundMs = { now: 60_000, drain: 200_000 };
/** Jobs that a worker may run in a drain: the one it has begun, or all of a batch if it does not hear a recall. */
const drainedJobsMax = 9;

/** How a session ended: by itself, or at a stroke. */
export type SessionEnd = DispatcherEnd | { readonly reason: 'power-cut' | 'main-killed' };

/** One session of one machine: the real dispatcher between simulated workers and a simulated disk. */
export class Session {
  readonly #parts: SessionParts;
  readonly #policy: DispatchPolicy;
  /** What the program was told of the disk last. */
  #isStuck = false;
  #flushingSinceMs: number = Number.POSITIVE_INFINITY;
  readonly #floor = new Floor();
  readonly #dispatcher: Dispatcher;
  #end: DispatcherEnd | undefined;
  #mustEndByMs: number;
  #wasAsked = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { random, clock, disk, faults, fold, bug, from, to, order, bytes } = parts;
    this.#policy = this.#drawPolicy();
    const sink = new SimulatedSink(disk, clock, random, faults);
    this.#mustEndByMs = clock.nowMs() + 300_000 + (120_000 + 4 * parts.surroundings.timeoutMs) * (to - from);
    const isSettled = (job: JobIndex): boolean => !bug.forgetsSettled && fold.now.lines.has(job);
    const left = to - from - (bug.forgetsSettled ? 0 : fold.now.lines.size);
    const policy = bug.policy?.(this.#policy) ?? this.#policy;
    const queue = new (bug.queue ?? JobQueue)(order, from, to, left, isSettled);
    const attempts = new Attempts(policy, bug.forgetsAttempts ? [] : fold.failedAttempts);
    const commit = new (bug.commit ?? GroupCommit)(commitPolicy, bytes);
    this.#dispatcher = new Dispatcher({
      dispatch: new (bug.dispatch ?? Dispatch)(policy, queue, attempts),
      commit,
      clock,
      spawner: this.#spawner(),
      sink: this.#watch(bug.sink?.(sink, parts) ?? sink),
      reporter: { on: (event) => this.#hear(event) },
      checksum,
      nextSeq: this.#openSession(commit),
      spell: (job) => ({ argsJson: `[${job}]`, occurrence: 0 }),
    });
  }

  run(): SessionEnd {
    const { clock } = this.#parts;
    this.#planStops();
    this.#dispatcher.start((end) => {
      this.#end = end;
    });
    for (let steps = 0; this.#end === undefined; steps++) {
      assert.ok(steps < stepsMax, 'the session does not end: it goes round and round');
      const stroke = this.#strike();
      if (stroke !== undefined) return stroke;
      assert.ok(clock.advance(), 'nothing is going on and the session is not over');
      assert.ok(clock.nowMs() <= this.#mustEndByMs, 'the session does not end in time');
      // What waits for a slow disk becomes too much in the end: then nothing is handed out either.
      if (this.#isStuck || clock.nowMs() - this.#flushingSinceMs > slowFlushMs) this.#floor.excuse(clock.nowMs());
      this.#floor.check(clock.nowMs());
    }
    this.#checkEnd(this.#end);
    return this.#end;
  }

  #watch(sink: JournalSink): JournalSink {
    return {
      flush: (text, positionBytes, done) => {
        this.#flushingSinceMs = this.#parts.clock.nowMs();
        sink.flush(text, positionBytes, (result) => {
          this.#flushingSinceMs = Number.POSITIVE_INFINITY;
          this.#isStuck = !result.ok;
          done(result);
        });
      },
    };
  }

  #drawPolicy(): DispatchPolicy {
    const { random, faults, policy, clock } = this.#parts;
    const untilMs = random() < faults.until ? clock.nowMs() + random() * 10_000 : undefined;
    return { ...policy, untilMs, halt: random() < faults.halt ? drawHalt(random) : { kind: 'never' } };
  }

  #planStops(): void {
    const { random, faults, clock } = this.#parts;
    if (random() >= faults.stop) return;
    for (let count = random.int(1, 3); count > 0; count--) {
      clock.after(random() * 8_000, () => this.#stop(random() < 0.6 ? 'drain' : 'now'));
    }
  }

  #stop(how: 'drain' | 'now'): void {
    if (this.#end !== undefined) return;
    this.#wasAsked = true;
    const { clock, faults, surroundings } = this.#parts;
    const jobs = how === 'now' ? 0 : faults.deafToRecall > 0 ? drainedJobsMax : 1;
    const boundMs = stopBoundMs[how] + jobs * surroundings.timeoutMs;
    this.#mustEndByMs = Math.min(this.#mustEndByMs, clock.nowMs() + boundMs);
    this.#floor.drain(clock.nowMs());
    this.#parts.trace.say(() => `asked to stop (${how})`);
    this.#dispatcher.stop(how, 'request');
  }

  /** What befalls the whole machine between two events. */
  #strike(): SessionEnd | undefined {
    const { random, faults, clock, trace } = this.#parts;
    const all = faults.powerCut + faults.mainKilled + faults.suspension;
    if (all === 0) return undefined;
    const draw = random();
    if (draw < faults.powerCut) return { reason: 'power-cut' };
    if (draw < faults.powerCut + faults.mainKilled) return { reason: 'main-killed' };
    if (draw < all) {
      const ms = random() < 0.5 ? random() * 100 : 20_000 + random() * 3_600_000;
      this.#mustEndByMs += ms;
      trace.say(() => `the machine sleeps for ${ms} ms`);
      clock.suspend(ms);
      this.#floor.excuse(clock.nowMs());
    }
    return undefined;
  }

  #openSession(commit: GroupCommit): number {
    const { fold, clock, bug } = this.#parts;
    let seq = bug.reusesSeq ? 0 : fold.nextSeq;
    const bodies = fold.header === undefined ? [headerJson, sessionJson] : [sessionJson];
    for (const body of bodies) commit.append([encodeLine(seq++, body, checksum)], clock.nowMs());
    return seq;
  }

  #spawner(): Spawner {
    const { clock, ledger, bug, trace, random, faults, surroundings } = this.#parts;
    const world = { ...surroundings, clock, random, faults, bug, floor: this.#floor };
    return {
      spawn: (id, listener) => {
        const worker = new SimulatedWorker(id, world, {
          ...listener,
          recalled: (assignments) => {
            trace.say(() => `worker ${id} gives back ${assignments.map(({ job }) => job).join(' ') || 'nothing'}`);
            listener.recalled(assignments);
          },
        });
        return {
          get running() {
            return worker.running;
          },
          assign: (assignments) => {
            trace.say(
              () => `worker ${id} gets ${assignments.map(({ job, attempt }) => `${job}/${attempt}`).join(' ')}`,
            );
            ledger.assign(assignments, clock.nowMs(), this.#policy.untilMs, this.#isStuck);
            this.#floor.assign(assignments);
            worker.assign(assignments);
          },
          abort: () => worker.abort(),
          recall: () => {
            trace.say(() => `worker ${id} is asked to give back`);
            worker.recall();
          },
          dismiss: () => worker.dismiss(),
          kill: () => {
            trace.say(() => `worker ${id} is killed`);
            if (!bug.killsNothing) worker.kill();
          },
        };
      },
    };
  }

  #hear(event: RunEvent): void {
    const { ledger, disk, trace, clock } = this.#parts;
    trace.say(() => JSON.stringify(event));
    if (event.type === 'stopping') this.#floor.drain(clock.nowMs());
    if (event.type === 'jobs-settled') {
      for (const block of event.blocks) ledger.tellBlock(block, disk.durable);
      for (const outcome of event.failures) ledger.tellFailure(outcome, disk.durable);
    }
    if (event.type === 'tally' && this.#floor.isEmpty) {
      const { failed, retried, failedAttempts } = event.tally;
      const causes = Object.values(failedAttempts).reduce((sum, count) => sum + count, 0);
      assert.equal(causes, failed + retried, 'failed attempts by cause');
    }
  }

  #checkEnd(end: DispatcherEnd): void {
    const { faults, trace } = this.#parts;
    trace.say(() => `the session ends: ${JSON.stringify(end)}`);
    const canStrike = {
      complete: true,
      stopped: this.#wasAsked,
      until: this.#policy.untilMs !== undefined,
      halted: this.#policy.halt.kind !== 'never',
      'workers-cannot-start': faults.startCrash + faults.startHang > 0,
      'journal-broken':
        faults.diskDies > 0 || (this.#wasAsked && faults.diskFull + faults.syncFails + faults.diskStalls > 0),
    };
    assert.ok(canStrike[end.reason], `the session ended for no reason: ${end.reason}`);
    if (faults.slowKill === 0) assert.ok(this.#floor.isEmpty, 'a worker outlived the session');
  }
}

function drawHalt(random: Random): HaltRule {
  const how = random() < 0.5 ? 'soon' : 'now';
  return random.pick<HaltRule>([
    { kind: 'auto' },
    { kind: 'count', how, failed: random.int(1, 5) },
    { kind: 'share', how, fraction: random() },
  ]);
}

const digest = '0'.repeat(64);
const headerJson = JSON.stringify({
  type: 'journal',
  version: 1,
  experiment: 'x',
  machine: 'm',
  experimentDigest: digest,
  planDigest: digest,
  seed: 's',
  stream: 'same',
  total: 1,
  share: 1,
});
const sessionJson = JSON.stringify({
  type: 'session',
  startedAtMs: 0,
  codeFingerprint: digest,
  host: 'h',
  pid: 1,
  cores: 1,
  target: 't',
  versions: {},
});
