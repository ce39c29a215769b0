import assert from 'node:assert/strict';
import type { DispatchPolicy } from '../../src/core/dispatch/policy.ts';
import { type JobIndex, jobIndex } from '../../src/core/ids.ts';
import { type FoldedOutcome, JournalFold } from '../../src/core/journal/fold.ts';
import { Settled } from '../../src/core/journal/settled.ts';
import type { JobOrder } from '../../src/core/order.ts';
import type { Random } from '../../src/core/random.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { type Faults, noFaults } from './faults.ts';
import type { JobKind } from './job-kinds.ts';
import { Ledger } from './ledger.ts';
import type { PlantedBug } from './planted-bug.ts';
import { Session, type SessionEnd } from './session.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import type { Trace } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface MachineParts {
  readonly name: string;
  readonly random: Random;
  readonly faults: Faults;
  readonly jobs: readonly JobKind[];
  readonly order: JobOrder;
  readonly from: number;
  readonly to: number;
  readonly bug: PlantedBug;
  readonly trace: Trace;
}

/** One machine with its disk, through as many sessions as it takes. */
export class Machine {
  readonly #parts: MachineParts;
  readonly #clock = new VirtualClock();
  readonly #disk = new SimulatedDisk();
  readonly #policy: DispatchPolicy;
  readonly #ledger: Ledger;
  readonly #drawRunMs: () => number;
  #session = 0;
  /** A power cut has left holes: damaged lines are to be expected. */
  #isHoled = false;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    const { random, jobs } = parts;
    this.#policy = drawPolicy(random);
    this.#ledger = new Ledger(this.#policy, (job) => jobs[job] ?? { kind: 'good' });
    const slow = random() < 0.4 ? 0 : random() * 0.5;
    this.#drawRunMs = () => (random() < slow ? random() * 2_000 : random() * 3);
    parts.trace.at(() => `${parts.name} session ${this.#session} ${(this.#clock.nowMs() % 1e8).toFixed(1)}`);
  }

  /** Sessions with faults first; then all is healed, and the next session must complete the share. Returns the outcomes. */
  run(): Map<JobIndex, FoldedOutcome> {
    const { random, faults, trace } = this.#parts;
    for (let faulty = random.int(0, 4); faulty > 0; faulty--) {
      const end = this.#runSession(faults);
      if (end?.reason === 'complete') break;
      if (end?.reason === 'power-cut' || random() < faults.powerCut * 10) this.#cutPower(faults);
    }
    trace.say(() => 'all is healed');
    assert.equal(this.#runSession(noFaults)?.reason, 'complete', 'the share is not complete although all is healed');
    const { fold } = this.#read(this.#disk.durable);
    this.#ledger.beginSession(fold);
    this.#ledger.checkComplete(this.#share(), this.#disk.durable, this.#isHoled);
    return outcomesIn(this.#disk.durable);
  }

  /** `undefined`: the power went while the journal was opened. */
  #runSession(faults: Faults): SessionEnd | undefined {
    const { random, bug, order, from, to, jobs, trace } = this.#parts;
    this.#session++;
    const { fold, bytes } = this.#read(this.#disk.seen);
    this.#disk.cut(bytes);
    if (random() < faults.powerCut * 10) {
      this.#cutPower(faults);
      return undefined;
    }
    // Lines that a session wrote and could not sync before it ended are shown as done from here on.
    if (!bug.opensWithoutRewrite) this.#disk.rewrite();
    if (!bug.opensWithoutSync) this.#disk.sync();
    this.#ledger.beginSession(fold);
    const session = new Session({
      ...{ random, faults, bug, order, from, to, fold, bytes, trace },
      clock: this.#clock,
      disk: this.#disk,
      ledger: this.#ledger,
      policy: this.#policy,
      surroundings: {
        kindOf: (job) => jobs[job] ?? { kind: 'good' },
        drawRunMs: this.#drawRunMs,
        timeoutMs: this.#policy.timeoutMs ?? 0,
      },
    });
    const end = session.run();
    this.#clock.forgetTimers();
    trace.say(() => `over: ${end.reason}`);
    return end;
  }

  #cutPower({ holes }: Faults): void {
    if (holes > 0) this.#isHoled = true;
    this.#disk.powerCut(this.#parts.random, holes);
    this.#parts.trace.say(() => 'the power is cut');
  }

  #read(file: string): { readonly fold: JournalFold; readonly bytes: number } {
    const fold = new JournalFold(checksum);
    const end = file.lastIndexOf('\n') + 1;
    for (const line of linesIn(file)) fold.add(line);
    if (!this.#isHoled) assert.deepEqual(fold.problems, []);
    return { fold, bytes: this.#parts.bug.keepsTornTail ? file.length : end };
  }

  #share(): JobIndex[] {
    const { order, from, to } = this.#parts;
    return Array.from({ length: to - from }, (_, index) => jobIndex(order.at(from + index) ?? -1));
  }
}

function linesIn(file: string): string[] {
  return file.split('\n').slice(0, -1);
}

/** What a journal says, by a second reading. */
function outcomesIn(file: string): Map<JobIndex, FoldedOutcome> {
  const fold = new JournalFold(checksum);
  for (const line of linesIn(file)) fold.add(line);
  const settled = new Settled({ fold, lines: fold.now.lines });
  return new Map([...settled.outcomes(linesIn(file), checksum)].map((it) => [it.outcome.job, it]));
}

function drawPolicy(random: Random): DispatchPolicy {
  return {
    cores: random.int(1, 4),
    retries: random.int(0, 2),
    crashLimit: random.int(1, 3),
    // Beside a job that never ends, much must get done in ten minutes.
    timeoutMs: random() < 0.7 ? 5_000 : 600_000,
    graceMs: 500,
    chunkJobs: random() < 0.5 ? 'auto' : random.int(1, 8),
    jobsPerWorkerMax: random() < 0.2 ? random.int(1, 5) : undefined,
    halt: { kind: 'never' },
    startTimeoutMs: 3_000,
  };
}
