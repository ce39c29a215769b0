import assert from 'node:assert/strict';
import type { Answer, Assignment, WorkerEnd } from '../../src/core/dispatch/protocol.ts';
import type { JobIndex, WorkerId } from '../../src/core/ids.ts';
import type { Block } from '../../src/core/outcome.ts';
import type { Random } from '../../src/core/random.ts';
import type { WorkerListener } from '../../src/runtime/ports.ts';
import { encodeBlock } from '../fixtures/encode-block.ts';
import type { Success } from '../fixtures/encode-outcomes.ts';
import type { Faults } from './faults.ts';
import type { Floor, Observed } from './floor.ts';
import type { JobKind } from './job-kinds.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** As in the real worker: answers wait this long for company. */
const gatherMs = 25;

export interface WorkerSurroundings {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly faults: Faults;
  readonly bug: PlantedBug;
  readonly floor: Floor;
  readonly timeoutMs: number;
  readonly kindOf: (job: JobIndex) => JobKind;
  readonly drawRunMs: () => number;
}

/** Runs its jobs one after another, as the real one does. What it says arrives a little later, in order. */
export class SimulatedWorker implements Observed {
  readonly #id: WorkerId;
  readonly #world: WorkerSurroundings;
  readonly #listener: WorkerListener;
  readonly #queue: Assignment[] = [];
  #answers: Success[] = [];
  #current: Assignment | undefined;
  #jobsBegun = 0;
  #lastSentMs = 0;
  readonly #pipe: (() => void)[] = [];
  #ended = false;
  #hasToldEnd = false;
  #aborted = false;
  #killed = false;
  #isReady = false;
  /** `asked`: the answer is on its way; `deaf`: it will never come. */
  #recall: 'none' | 'asked' | 'deaf' = 'none';
  /** Since when it runs what it runs, or runs nothing. */
  #sinceMs = 0;

  constructor(id: WorkerId, world: WorkerSurroundings, listener: WorkerListener) {
    this.#id = id;
    this.#world = world;
    this.#listener = listener;
    const { clock, random, faults, floor } = world;
    floor.enter(this);
    const draw = random();
    if (draw < faults.startHang) return;
    const crashes = draw < faults.startHang + faults.startCrash;
    clock.after(5 + random() * 40, () => {
      if (crashes) this.#end('crash', 'cannot start');
      else this.#becomeReady();
    });
  }

  get idleSinceMs(): number | undefined {
    const canTake = this.#isReady && !this.#killed && this.#recall === 'none';
    return canTake && this.#current === undefined && this.#queue.length === 0 ? this.#sinceMs : undefined;
  }

  get stuckSinceMs(): number | undefined {
    const isHeard = !this.#killed && this.#recall !== 'deaf';
    return isHeard && this.#current !== undefined && this.#queue.length > 0 ? this.#sinceMs : undefined;
  }

  get running(): Assignment | undefined {
    return this.#current ?? this.#queue[0];
  }

  assign(assignments: readonly Assignment[]): void {
    assert.equal(new Set(assignments.map(({ attempt }) => attempt)).size, 1, 'a message holds jobs of one attempt');
    assert.equal(this.#recall, 'none', 'jobs were assigned before a recall was answered');
    this.#queue.push(...assignments);
    if (this.#current === undefined) this.#world.clock.after(0.1, () => this.#next());
  }

  /** Some jobs look at their signal and stop early, with an error or a row. */
  abort(): void {
    this.#aborted = true;
    const { clock, random, kindOf } = this.#world;
    const current = this.#current;
    if (current === undefined || random() < 0.5) return;
    const canSucceed = kindOf(current.job).kind === 'good';
    clock.after(random() * 300, () => {
      if (this.#current === current) this.#answer(1, canSucceed && random() < 0.5);
    });
  }

  /** From beside its job: at one moment it closes the queue, at a later one it is heard, maybe after other words. */
  recall(): void {
    const { clock, random, faults, floor, bug } = this.#world;
    this.#recall = random() < faults.deafToRecall ? 'deaf' : 'asked';
    if (this.#recall === 'deaf') return;
    const lateMs = (): number => (random() < faults.lateRecall ? random() * 500 : 0.1);
    clock.after(lateMs(), () => {
      const back = bug.keepsRecalled ? [...this.#queue] : this.#queue.splice(0);
      if (bug.recallsBegun && this.#current !== undefined) back.push(this.#current);
      clock.after(lateMs(), () => {
        if (this.#hasToldEnd) return;
        this.#recall = 'none';
        if (!this.#killed) floor.comeBack(back, clock.nowMs());
        this.#listener.recalled(back);
      });
    });
  }

  dismiss(): void {
    this.#isReady = false;
    const { clock, random, faults } = this.#world;
    if (random() >= faults.deafToDismissal) clock.after(1, () => this.#end('crash', 'exit code 0'));
  }

  kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    const { clock, random, faults } = this.#world;
    const lateMs = random() < faults.slowKill ? random() * (random() < 0.3 ? 40_000 : 50) : 0.5;
    clock.after(lateMs, () => this.#end('crash', 'signal SIGKILL'));
  }

  #end(cause: WorkerEnd['cause'], how: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#current !== undefined) this.#world.floor.end(this.#current.job);
    this.#world.floor.leave(this);
    this.#say(() => {
      this.#hasToldEnd = true;
      this.#listener.ended({ cause, how });
    });
  }

  #becomeReady(): void {
    this.#isReady = true;
    this.#sinceMs = this.#world.clock.nowMs();
    this.#say(() => this.#listener.ready(1));
  }

  /** Later words never overtake earlier ones. */
  #say(what: () => void): void {
    const { clock, random, faults } = this.#world;
    const lateMs = random() < faults.lateAnswer ? random() * 200 : 0.1;
    this.#pipe.push(what);
    clock.after(lateMs, () => {
      const upTo = this.#pipe.indexOf(what) + 1;
      for (const word of this.#pipe.splice(0, upTo)) word();
    });
  }

  #next(): void {
    if (this.#ended || this.#current !== undefined) return;
    this.#current = this.#queue.shift();
    if (this.#current === undefined) return;
    const { clock, floor, kindOf, drawRunMs, random, timeoutMs } = this.#world;
    const assignment = this.#current;
    const { job, attempt } = assignment;
    floor.begin(job, clock.nowMs(), this.#killed || this.#recall === 'deaf');
    this.#sinceMs = clock.nowMs();
    const isFirst = this.#jobsBegun++ === 0;
    const kind = kindOf(job);
    const runMs = kind.kind === 'laggard' ? timeoutMs - 40 + random.int(0, 60) : Math.ceil(drawRunMs() * 8) / 8;
    clock.after(runMs, () => {
      if (this.#current === assignment) this.#finish(kind, runMs, attempt, isFirst);
    });
  }

  /** What the job does when its time has come. */
  #finish(job: JobKind, runMs: number, attempt: number, isFirst: boolean): void {
    const { clock, random } = this.#world;
    switch (job.kind) {
      case 'sleeper':
        break;
      case 'killer':
        this.#end(job.cause, 'signal SIGSEGV');
        break;
      case 'latecomer':
        if (isFirst) this.#answer(runMs, true);
        else this.#end('crash', 'exit code 9');
        break;
      case 'thrower':
        this.#answer(runMs, attempt > job.times);
        break;
      case 'bomber':
        clock.after(random() * 50, () => this.#end('crash', 'exit code 7'));
        this.#answer(runMs, true);
        break;
      case 'good':
      case 'laggard':
        this.#answer(runMs, true);
        break;
    }
  }

  #answer(runMs: number, isGood: boolean): void {
    if (this.#ended || this.#current === undefined) return;
    const endedAtMs = this.#world.clock.nowMs();
    const times = { startedAtMs: endedAtMs - runMs, endedAtMs, runMs };
    if (isGood) this.#keep({ ...this.#current, ...times, worker: this.#id });
    else this.#fail({ ...this.#current, ...times, failure: { cause: 'error', message: 'went wrong', stack: '' } });
    this.#world.floor.end(this.#current.job);
    this.#current = undefined;
    this.#sinceMs = endedAtMs;
    if (this.#aborted) {
      this.#send();
      this.#end('crash', 'exit code 0');
      return;
    }
    if (this.#queue.length === 0 || endedAtMs - this.#lastSentMs >= gatherMs) this.#send();
    this.#next();
  }

  #keep(success: Omit<Success, 'rowsJson'>): void {
    if (this.#answers[0]?.attempt !== success.attempt) this.#send();
    this.#answers.push({ ...success, rowsJson: `[[${success.job}]]` });
  }

  #fail(answer: Answer): void {
    this.#send();
    this.#tell(() => this.#listener.failed(answer));
  }

  #send(): void {
    const [first, ...others] = this.#answers;
    this.#answers = [];
    this.#lastSentMs = this.#world.clock.nowMs();
    if (first === undefined) return;
    const block = blockOf([first, ...others]);
    this.#tell(() => {
      if (!this.#killed) for (const job of block.jobs) this.#world.floor.hear(job);
      this.#listener.block(block);
    });
  }

  /** Sometimes twice, which must do no harm. */
  #tell(what: () => void): void {
    this.#say(what);
    const { random, faults } = this.#world;
    if (random() < faults.doubleAnswer) this.#say(what);
  }
}

function blockOf(successes: [Success, ...Success[]]): Block {
  const [{ worker, attempt }] = successes;
  const body = encodeBlock(successes, (job) => ({ argsJson: `[${job}]`, occurrence: 0 }), {
    bytes: 0,
    crc: '00000000',
  });
  const times = successes.map(({ runMs }) => runMs);
  return {
    worker,
    attempt,
    jobs: successes.map(({ job }) => job),
    sumMs: times.reduce((sum, ms) => sum + ms, 0),
    maxMs: Math.max(...times),
    width: 1,

    body: new TextEncoder().encode(body),
    csv: new Uint8Array(),
  };
}
