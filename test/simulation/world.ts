import assert from 'node:assert/strict';
import { Attempts } from '../../src/core/dispatch/attempts.ts';
import { Dispatch } from '../../src/core/dispatch/dispatch.ts';
import type { DispatchPolicy } from '../../src/core/dispatch/policy.ts';
import { JobQueue } from '../../src/core/dispatch/queue.ts';
import { hex, type JobIndex, jobIndex, machineName } from '../../src/core/ids.ts';
import { GroupCommit } from '../../src/core/journal/commit.ts';
import { JournalFold } from '../../src/core/journal/fold.ts';
import { encodeLine } from '../../src/core/journal/line.ts';
import { encodeHeader, encodeSession } from '../../src/core/journal/record.ts';
import { createRandom, type Random } from '../../src/core/random.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { Dispatcher, type DispatcherEnd } from '../../src/runtime/dispatcher.ts';
import type { JournalSink, Spawner } from '../../src/runtime/ports.ts';
import { type Kind, SimulatedWorker } from './simulated-worker.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What goes wrong in a simulated run; probabilities, except for the kinds of jobs. */
export interface Faults {
  readonly powerCut: number;
  readonly diskFull: number;
  readonly startFailure: number;
  readonly answerAfterKill: number;
  readonly stop: number;
  /** Of the jobs. */
  readonly throwers: number;
  readonly killers: number;
  readonly sleepers: number;
  /** They take about as long as the time limit: answer and kill cross. */
  readonly laggards: number;
}

/** A bug built in on purpose: the simulation must find it. */
export type PlantedBug = 'disk-lies' | 'forgets-settled' | 'kill-does-nothing';

const timeoutMs = 5_000;

/** How jobs of each kind may end. */
const fates: Readonly<Record<Kind, readonly string[]>> = {
  good: ['rows'],
  thrower: ['error'],
  killer: ['crash'],
  sleeper: ['timeout'],
  laggard: ['rows', 'timeout'],
};

/** One machine with its disk, through as many sessions as it takes. Every run is decided by its seed alone. */
export class World {
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #bug: PlantedBug | undefined;
  readonly #clock = new VirtualClock();
  readonly #kinds: readonly Kind[];
  readonly #policy: DispatchPolicy;
  /** What survives a power cut. */
  #disk = '';
  #isUp = true;
  readonly #announced = new Map<JobIndex, string>();
  /** Jobs being run now. */
  readonly #running = new Set<JobIndex>();

  constructor(seed: string, faults: Faults, bug?: PlantedBug) {
    this.#random = createRandom(seed);
    this.#faults = faults;
    this.#bug = bug;
    const total = this.#random.int(1, 60);
    this.#kinds = Array.from({ length: total }, () => this.#drawKind());
    this.#policy = {
      cores: this.#random.int(1, 6),
      retries: this.#random.int(0, 2),
      crashLimit: this.#random.int(1, 3),
      timeoutMs,
      graceMs: 500,
      chunkJobs: this.#random() < 0.5 ? 'auto' : this.#random.int(1, 8),
      jobsPerWorkerMax: this.#random() < 0.2 ? this.#random.int(1, 5) : undefined,
      halt: { kind: 'never' },
      untilMs: undefined,
    };
  }

  /** Runs sessions until the share is complete; throws where a promise is broken. */
  run(): void {
    for (let session = 0; session < 500; session++) {
      const end = this.#runSession();
      if (end?.reason === 'complete') {
        this.#checkComplete();
        return;
      }
      assert.notEqual(end?.reason, 'journal-broken');
    }
    assert.fail('the share was not complete after 500 sessions');
  }

  #drawKind(): Kind {
    const { throwers, killers, sleepers, laggards } = this.#faults;
    const draw = this.#random();
    if (draw < throwers) return 'thrower';
    if (draw < throwers + killers) return 'killer';
    if (draw < throwers + killers + sleepers) return 'sleeper';
    return draw < throwers + killers + sleepers + laggards ? 'laggard' : 'good';
  }

  #runSession(): DispatcherEnd | undefined {
    this.#isUp = true;
    this.#running.clear();
    const { fold, bytes } = this.#readDisk();
    this.#checkKept(fold);
    const commit = new GroupCommit({ intervalMs: 40, flushAtChars: 2_000, retryMs: 300 }, bytes);
    const nextSeq = this.#openSession(fold, commit);
    const settled = (job: JobIndex): boolean => this.#bug !== 'forgets-settled' && fold.outcomes.has(job);
    const left = this.#bug === 'forgets-settled' ? this.#kinds.length : this.#kinds.length - fold.outcomes.size;
    const order = { length: this.#kinds.length, at: (position: number) => position };
    const dispatcher = new Dispatcher({
      dispatch: new Dispatch(
        this.#policy,
        new JobQueue(order, 0, this.#kinds.length, left, settled),
        new Attempts(this.#policy, fold.failedAttempts),
      ),
      commit,
      clock: this.#clock,
      spawner: this.#spawner(fold),
      sink: this.#sink(bytes),
      reporter: {
        on: (event) => {
          if (event.type !== 'jobs-settled') return;
          for (const { job, status } of event.outcomes) this.#announce(job, status);
        },
      },
      checksum,
      nextSeq,
      spell: (job) => ({ argsJson: `[${job}]`, occurrence: 0 }),
    });
    return this.#drive(dispatcher);
  }

  #drive(dispatcher: Dispatcher): DispatcherEnd | undefined {
    let end: DispatcherEnd | undefined;
    dispatcher.start((how) => {
      end = how;
    });
    if (this.#random() < this.#faults.stop) {
      this.#clock.after(this.#random() * 3_000, () => dispatcher.stop(this.#random() < 0.5 ? 'drain' : 'now'));
    }
    for (let steps = 0; end === undefined; steps++) {
      assert.ok(steps < 200_000, 'the run does not end');
      if (this.#random() < this.#faults.powerCut) {
        this.#powerCut();
        return undefined;
      }
      assert.ok(this.#clock.advance(), 'nothing is going on and the run is not over');
    }
    this.#powerCut();
    return end;
  }

  #powerCut(): void {
    this.#isUp = false;
    this.#clock.powerCut();
  }

  #readDisk(): { readonly fold: JournalFold; readonly bytes: number } {
    const fold = new JournalFold(checksum);
    const end = this.#disk.lastIndexOf('\n') + 1;
    this.#disk = this.#disk.slice(0, end);
    for (const line of this.#disk.split('\n').slice(0, -1)) fold.add(line);
    assert.deepEqual(fold.problems, []);
    return { fold, bytes: end };
  }

  #openSession(fold: JournalFold, commit: GroupCommit): number {
    let seq = fold.nextSeq;
    const append = (body: string): void => {
      commit.append(encodeLine(seq++, body, checksum), this.#clock.nowMs());
    };
    const digest = hex('0');
    const share = this.#kinds.length;
    if (fold.header === undefined) {
      append(
        encodeHeader({
          experiment: 'x',
          machine: machineName('a'),
          experimentDigest: digest,
          planDigest: digest,
          seed: 's',
          stream: 'same',
          total: share,
          share,
        }),
      );
    }
    append(
      encodeSession({
        startedAtMs: this.#clock.nowMs(),
        codeFingerprint: digest,
        host: 'h',
        pid: 1,
        cores: 1,
        target: 't',
        versions: {},
      }),
    );
    return seq;
  }

  /** Writes take time; a power cut in between leaves a torn piece; a full disk refuses. */
  #sink(startBytes: number): JournalSink {
    assert.equal(this.#disk.length, startBytes);
    return {
      flush: (text, positionBytes, done) => {
        assert.equal(positionBytes, this.#disk.lastIndexOf('\n') + 1, 'a flush at the wrong place');
        if (this.#random() < this.#faults.diskFull) {
          this.#disk =
            this.#disk.slice(0, positionBytes) +
            text.slice(0, this.#random.int(0, Math.max(0, text.indexOf('\n') - 1)));
          this.#clock.after(1, () => done({ ok: false, why: 'disk full', mayPass: true }));
          return;
        }
        // Until it is done, any piece of it may be on the disk.
        if (this.#bug !== 'disk-lies')
          this.#disk = this.#disk.slice(0, positionBytes) + text.slice(0, this.#random.int(0, text.length));
        this.#clock.after(this.#random() * 20, () => {
          if (this.#bug !== 'disk-lies') this.#disk = this.#disk.slice(0, positionBytes) + text;
          else this.#disk = this.#disk.slice(0, positionBytes) + text.replace(/[^\n]*"outcomes"[^\n]*\n/g, '');
          done({ ok: true, bytes: this.#bug === 'disk-lies' ? this.#disk.length - positionBytes : text.length });
        });
      },
    };
  }

  #spawner(fold: JournalFold): Spawner {
    return {
      spawn: (_worker, listener) => {
        const worker = new SimulatedWorker(
          this.#clock,
          this.#random,
          listener,
          this.#running,
          (job) => this.#kinds[job] ?? 'good',
        );
        if (this.#random() < this.#faults.startFailure) this.#clock.after(5, () => worker.end('cannot start'));
        else this.#clock.after(20, () => worker.begin());
        return {
          assign: (assignments) => {
            for (const { job } of assignments)
              assert.ok(!fold.outcomes.has(job), `job ${job} was settled and runs again`);
            worker.assign(assignments);
          },
          abort: () => worker.abort(),
          dismiss: () => this.#clock.after(1, () => worker.end('dismissed')),
          kill: () => {
            if (this.#bug === 'kill-does-nothing') return;
            const lateMs = this.#random() < this.#faults.answerAfterKill ? 30 : 1;
            this.#clock.after(lateMs, () => worker.end('signal SIGKILL'));
          },
        };
      },
    };
  }

  #announce(job: JobIndex, status: string): void {
    assert.ok(this.#isUp);
    assert.ok(!this.#announced.has(job), `job ${job} was told to be settled twice`);
    this.#announced.set(job, status);
  }

  /** Whatever was told to be done is on the disk after any fault. */
  #checkKept(fold: JournalFold): void {
    for (const job of this.#announced.keys())
      assert.ok(fold.outcomes.has(job), `job ${job} was told to be settled and is lost`);
    // What was on disk but not told yet counts from now on.
    for (const [job, { outcome }] of fold.outcomes) this.#announced.set(job, outcome.result.status);
  }

  #checkComplete(): void {
    const { fold } = this.#readDisk();
    this.#checkKept(fold);
    const counts = new Map<number, number>();
    for (const [, job] of this.#disk.matchAll(/"job":(\d+),"args"/g))
      counts.set(Number(job), (counts.get(Number(job)) ?? 0) + 1);
    for (let job = 0; job < this.#kinds.length; job++) {
      assert.equal(counts.get(job), 1, `job ${job} stands ${counts.get(job) ?? 0} times in the journal`);
      const result = fold.outcomes.get(jobIndex(job))?.outcome.result;
      const found = result?.status === 'failed' ? result.failure.cause : 'rows';
      const kind = this.#kinds[job] ?? 'good';
      assert.ok(fates[kind].includes(found), `job ${job} (${kind}) ended as ${found}`);
    }
  }
}
