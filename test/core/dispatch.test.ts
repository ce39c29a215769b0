import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Attempts } from '../../src/core/dispatch/attempts.ts';
import { Dispatch } from '../../src/core/dispatch/dispatch.ts';
import { whyHalt } from '../../src/core/dispatch/halt.ts';
import { JobTimes } from '../../src/core/dispatch/job-times.ts';
import { type DispatchPolicy, gatherMs, recallAfterMs, respawnDelayMs } from '../../src/core/dispatch/policy.ts';
import type { Assignment, DispatchEffect, DispatchEvent } from '../../src/core/dispatch/protocol.ts';
import { JobQueue } from '../../src/core/dispatch/queue.ts';
import { attemptNumber, workerId } from '../../src/core/ids.ts';
import { GroupCommit } from '../../src/core/journal/commit.ts';
import type { Block } from '../../src/core/outcome.ts';

/** A dispatcher to talk to: answers the effects of each event in short words. */
class Rig {
  nowMs = 1_000_000;
  #wakeMs: number = Number.POSITIVE_INFINITY;
  readonly dispatch: Dispatch;
  readonly assigned: Map<number, readonly Assignment[]> = new Map<number, readonly Assignment[]>();

  constructor(jobs: number, policy: Partial<DispatchPolicy> = {}) {
    const full: DispatchPolicy = {
      ...{ cores: 1, retries: 0, crashLimit: 1, timeoutMs: undefined, graceMs: 500, chunkJobs: 1 },
      ...{ jobsPerWorkerMax: undefined, halt: { kind: 'never' } },
      ...policy,
    };
    const queue = new JobQueue({ length: jobs, at: (position) => position }, 0, jobs, jobs, () => false);
    this.dispatch = new Dispatch(full, queue, new Attempts(full));
  }

  /** The event after some time, in which the wakes that were asked for come on time. */
  tell(event: DispatchEvent, afterMs = 0): string[] {
    const untilMs = this.nowMs + afterMs;
    const said: string[] = [];
    while (this.#wakeMs <= untilMs) said.push(...this.#step({ type: 'tick' }, this.#wakeMs));
    return [...said, ...this.#step(event, untilMs)];
  }

  /** The whole machine sleeps: no wake comes before the end of it. */
  sleep(ms: number): string[] {
    return this.#step({ type: 'tick' }, this.nowMs + ms);
  }

  #step(event: DispatchEvent, nowMs: number): string[] {
    this.nowMs = nowMs;
    if (event.type === 'tick') this.#wakeMs = Number.POSITIVE_INFINITY;
    const effects = this.dispatch.step(event, nowMs);
    for (const effect of effects) {
      if (effect.type === 'assign') this.#hand(effect.worker, effect.assignments);
      if (effect.type === 'wake') this.#wakeMs = effect.atMs;
    }
    return effects.filter(({ type }) => type !== 'wake').flatMap(describeEffect);
  }

  #hand(worker: number, assignments: readonly Assignment[]): void {
    this.assigned.set(worker, [...(this.assigned.get(worker) ?? []), ...assignments]);
  }

  ready(worker: number): string[] {
    return this.tell({ type: 'worker-ready', worker: workerId(worker) });
  }

  ended(worker: number, cause: 'crash' | 'memory' = 'crash', afterMs = 0): string[] {
    return this.tell({ type: 'worker-ended', worker: workerId(worker), end: { cause, how: 'x' } }, afterMs);
  }

  /** Gives back all but the first `kept` of what it has in hand. */
  recalled(worker: number, kept: number, afterMs = 0): string[] {
    const list = this.assigned.get(worker) ?? [];
    this.assigned.set(worker, list.slice(0, kept));
    return this.tell({ type: 'recalled', worker: workerId(worker), assignments: list.slice(kept) }, afterMs);
  }

  answer(worker: number, afterMs = 1, count = 1): string[] {
    const list = this.assigned.get(worker) ?? [];
    this.assigned.set(worker, list.slice(count));
    const done = list.slice(0, count);
    if (done.length === 0) return this.tell({ type: 'tick' }, afterMs);
    const block: Block = {
      ...{ worker: workerId(worker), attempt: done[0]?.attempt ?? attemptNumber(1), jobs: done.map(({ job }) => job) },
      ...{ sumMs: afterMs * count, maxMs: afterMs, width: 1 },
      ...{ body: new Uint8Array(), csv: new Uint8Array() },
    };
    return this.tell({ type: 'succeeded', block }, afterMs);
  }
}

function describeEffect(effect: DispatchEffect): string | string[] {
  switch (effect.type) {
    case 'assign':
      return `assign ${effect.worker}: ${effect.assignments.map(({ job }) => job).join(' ')}`;
    case 'settle':
      return `settle ${effect.outcome.job} ${effect.outcome.failure.cause}`;
    case 'settle-block':
      return effect.block.jobs.map((job) => `settle ${job} rows`);
    case 'give-back':
      return `give back ${effect.assignments.map(({ job }) => job).join(' ')}`;
    case 'finish':
      return `finish ${effect.finish.reason}`;
    case 'retry':
      return `retry ${effect.assignment.job}`;
    case 'stopping':
      return `stopping ${effect.finish.reason}`;
    case 'wake':
      return 'wake';
    default:
      return `${effect.type} ${effect.worker}`;
  }
}

describe('who is charged', () => {
  it('a worker that dies of a batch: its jobs go out one by one; a death counts in a new worker only', () => {
    const rig = new Rig(2, { chunkJobs: 2 });
    assert.deepEqual(rig.tell({ type: 'begin' }), ['spawn 1']);
    assert.deepEqual(rig.ready(1), ['assign 1: 0 1']);
    assert.deepEqual(rig.ended(1), ['give back 0 1', 'spawn 2']);
    assert.deepEqual(rig.ready(2), ['assign 2: 1']);
    assert.deepEqual(rig.answer(2), ['settle 1 rows', 'assign 2: 0']);
    assert.deepEqual(rig.ended(2), ['give back 0', 'spawn 3'], 'job 1 may have left a time bomb');
    assert.deepEqual(rig.ready(3), ['assign 3: 0']);
    assert.deepEqual(rig.ended(3, 'memory'), ['settle 0 memory', 'finish complete']);
    const { failedAttempts, returned, succeeded, failed } = rig.dispatch.tally;
    assert.deepEqual([failedAttempts.memory, failedAttempts.crash, returned, succeeded, failed], [1, 0, 3, 1, 1]);
  });

  it('a job that wants a new worker goes to one that has run nothing yet', () => {
    const rig = new Rig(2, { cores: 2 });
    rig.tell({ type: 'begin' });
    rig.ready(1);
    rig.answer(1);
    assert.deepEqual(rig.ready(2), []);
    assert.deepEqual(rig.ended(1), ['give back 1', 'assign 2: 1']);
  });

  it('a job past its limit in a batch is not charged; alone it is; `firstSinceMs` counts from the answer before', () => {
    const rig = new Rig(2, { chunkJobs: 2, timeoutMs: 1_000 });
    rig.tell({ type: 'begin' });
    rig.ready(1);
    assert.deepEqual(rig.answer(1, 900), ['settle 0 rows']);
    assert.deepEqual(rig.tell({ type: 'tick' }, 900), [], '1800 ms for two jobs are within the limit of each');
    assert.deepEqual(rig.tell({ type: 'tick' }, 100), ['kill 1']);
    assert.deepEqual(rig.answer(1), [], 'a dying worker is not heard');
    assert.deepEqual(rig.ended(1), ['settle 1 timeout', 'finish complete']);
  });

  it('a time limit that passes while the run is stopped costs nothing', () => {
    const rig = new Rig(1, { timeoutMs: 1_000, graceMs: 5_000 });
    rig.tell({ type: 'begin' });
    rig.ready(1);
    assert.deepEqual(rig.tell({ type: 'stop', how: 'now' }, 900), ['abort 1']);
    assert.deepEqual(rig.tell({ type: 'tick' }, 1_000), []);
    assert.deepEqual(rig.tell({ type: 'tick' }, 4_000), ['kill 1']);
    assert.deepEqual(rig.ended(1), ['give back 0', 'finish stopped']);
  });

  it('time in which the machine slept does not count', () => {
    const rig = new Rig(1, { timeoutMs: 5_000 });
    rig.tell({ type: 'begin' });
    rig.ready(1);
    assert.deepEqual(rig.sleep(3_600_000), []);
    assert.deepEqual(rig.tell({ type: 'tick' }, 4_900), []);
    assert.deepEqual(rig.tell({ type: 'tick' }, 600), ['kill 1']);
  });

  it('an endless job is killed in the end on a machine that is always late', () => {
    const rig = new Rig(1, { timeoutMs: 5_000 });
    rig.tell({ type: 'begin' });
    rig.ready(1);
    let ticks = 0;
    while (!rig.sleep(6_000).includes('kill 1')) assert.ok(++ticks < 30);
  });
});

describe('the end of a run', () => {
  it('stop: drain, then now; more changes nothing', () => {
    const rig = new Rig(3);
    rig.tell({ type: 'begin' });
    rig.ready(1);
    assert.deepEqual(rig.tell({ type: 'stop', how: 'drain' }), []);
    assert.deepEqual(rig.tell({ type: 'stop', how: 'drain' }), []);
    assert.deepEqual(rig.tell({ type: 'stop', how: 'now' }), ['abort 1']);
    assert.deepEqual(rig.tell({ type: 'stop', how: 'now' }), []);
    assert.deepEqual(rig.tell({ type: 'stop', how: 'drain' }), []);
    assert.deepEqual(rig.answer(1), ['settle 0 rows', 'dismiss 1']);
    assert.deepEqual(rig.ended(1), ['finish stopped']);
  });

  it('a worker that cannot be killed or will not leave is given up after a while', () => {
    const rig = new Rig(1);
    rig.tell({ type: 'begin' });
    rig.ready(1);
    rig.tell({ type: 'stop', how: 'now' });
    assert.deepEqual(rig.tell({ type: 'tick' }, 500), ['kill 1']);
    assert.deepEqual(rig.tell({ type: 'tick' }, 10_000), []);
    assert.deepEqual(rig.tell({ type: 'tick' }, 5_000), ['give back 0', 'finish stopped']);
  });

  it('until: starts what will be finished in time, lets it finish, ends', () => {
    const rig = new Rig(9, { untilMs: 1_000_000 + 3_500 });
    rig.tell({ type: 'begin' });
    rig.ready(1);
    assert.deepEqual(rig.answer(1, 1_000), ['settle 0 rows', 'assign 1: 1']);
    assert.deepEqual(rig.answer(1, 1_000), ['settle 1 rows', 'assign 1: 2']);
    assert.deepEqual(rig.answer(1, 1_000), ['settle 2 rows', 'stopping until', 'dismiss 1']);
    assert.deepEqual(rig.ended(1), ['finish until']);
  });

  it('until: no batch longer than the time left; a run that waits ends; all done is complete', () => {
    const rig = new Rig(99, { untilMs: 1_000_000 + 2_500, chunkJobs: 50, jobMsPrior: 1_000 });
    rig.tell({ type: 'begin' });
    assert.deepEqual(rig.ready(1), ['assign 1: 0 1']);
    const waiting = new Rig(9, { untilMs: 1_000_000 + 100 });
    waiting.tell({ type: 'begin' });
    assert.deepEqual(waiting.tell({ type: 'tick' }, 100), ['stopping until', 'kill 1']);
    const done = new Rig(1, { untilMs: 1_000_000 + 100 });
    done.tell({ type: 'begin' });
    done.ready(1);
    assert.deepEqual(done.answer(1, 500), ['settle 0 rows', 'dismiss 1']);
    assert.deepEqual(done.ended(1), ['finish complete']);
  });

  it('ten failed starts in a row end it, hanging ones too; one that is ready in between starts the count anew', () => {
    const rig = new Rig(2, { startTimeoutMs: 1_000, jobsPerWorkerMax: 1 });
    rig.tell({ type: 'begin' });
    const failStart = (worker: number, failuresInARow: number): string[] => {
      assert.deepEqual(rig.tell({ type: 'tick' }, 1_000), [`kill ${worker}`]);
      const said = rig.ended(worker);
      return [...said, ...rig.tell({ type: 'tick' }, respawnDelayMs(failuresInARow))];
    };
    for (let count = 1; count <= 9; count++) assert.deepEqual(failStart(count, count), [`spawn ${count + 1}`]);
    assert.deepEqual(rig.ready(10), ['assign 10: 0']);
    assert.deepEqual(rig.answer(10), ['settle 0 rows', 'dismiss 10']);
    assert.deepEqual(rig.ended(10), ['spawn 11']);
    for (let count = 1; count <= 9; count++) assert.deepEqual(failStart(10 + count, count), [`spawn ${11 + count}`]);
    assert.deepEqual(failStart(20, 10), ['stopping workers-cannot-start', 'finish workers-cannot-start']);
  });
});

describe('jobs behind one that does not end', () => {
  const tick = { type: 'tick' } as const;
  const endless = 5;

  /** Two workers with four of eight jobs each. */
  function stuck(policy: Partial<DispatchPolicy> = {}): Rig {
    const rig = new Rig(8, { cores: 2, chunkJobs: 4, ...policy });
    rig.tell({ type: 'begin' });
    assert.deepEqual(rig.ready(1), ['assign 1: 0 1 2 3']);
    assert.deepEqual(rig.ready(2), ['assign 2: 4 5 6 7']);
    return rig;
  }

  for (const chunkJobs of ['auto', 1, 4, 50] as const) {
    it(`are all run although nothing ever ends it (chunksize ${chunkJobs})`, () => {
      const rig = new Rig(21, { cores: 2, chunkJobs });
      rig.tell({ type: 'begin' });
      rig.ready(1);
      rig.ready(2);
      for (let rounds = 0; rig.dispatch.tally.succeeded < 20; rounds++) {
        assert.ok(rounds < 40, `${rig.dispatch.tally.succeeded} of 20 jobs are done`);
        const said: string[] = [];
        for (const worker of [1, 2]) {
          const jobs = (rig.assigned.get(worker) ?? []).map(({ job }) => Number(job));
          said.push(...rig.answer(worker, 1, jobs.includes(endless) ? jobs.indexOf(endless) : jobs.length));
        }
        said.push(...rig.tell(tick, recallAfterMs));
        for (const text of said) if (text.startsWith('recall')) rig.recalled(Number(text.slice(7)), 1);
      }
      assert.equal(rig.dispatch.running, 1);
    });
  }

  it('go to an idle worker; the stuck one is fed again only when it has answered what it kept', () => {
    const rig = stuck();
    assert.deepEqual(rig.tell(tick, recallAfterMs), [], 'nobody could run them any sooner');
    assert.deepEqual(rig.answer(2, 100, 4), [
      'settle 4 rows',
      'settle 5 rows',
      'settle 6 rows',
      'settle 7 rows',
      'recall 1',
    ]);
    assert.deepEqual(rig.tell(tick, 5_000), [], 'asked once');
    assert.deepEqual(rig.recalled(1, 1), ['assign 2: 3 2 1']);
    assert.equal(rig.dispatch.tally.returned, 3);
    assert.equal(rig.dispatch.running, 4);
    assert.deepEqual(rig.answer(2, 10, 3), ['settle 3 rows', 'settle 2 rows', 'settle 1 rows']);
    assert.deepEqual(rig.answer(1), ['settle 0 rows', 'dismiss 1', 'dismiss 2']);
  });

  it('a worker that gives signs is not stuck; with `auto` it is recalled even if all are busy', () => {
    const rig = stuck();
    rig.answer(2, 1, 4);
    assert.deepEqual(rig.answer(1, 240), ['settle 0 rows']);
    assert.deepEqual(rig.tell(tick, recallAfterMs - 1), []);
    assert.deepEqual(rig.tell(tick, 1), ['recall 1']);
    const auto = recalledAuto();
    assert.deepEqual(auto.recalled(1, 1), [], 'no core is free');
    assert.deepEqual(auto.tell(tick, 5_000), []);
    assert.match(auto.answer(1)[1] ?? '', /^assign 1: 10 9 8 7/, 'those that came back go first');
  });

  it('a core without a worker can take them too', () => {
    const rig = stuck({ jobsPerWorkerMax: 4 });
    assert.deepEqual(rig.answer(2, recallAfterMs, 4).slice(-1), ['dismiss 2']);
    assert.deepEqual(rig.ended(2), ['recall 1']);
    assert.deepEqual(rig.recalled(1, 1), ['spawn 3']);
    assert.deepEqual(rig.ready(3), ['assign 3: 3 2 1']);
  });

  /** One worker with batches of `auto`, recalled while it has jobs 1 to 10. */
  function recalledAuto(): Rig {
    const rig = new Rig(4_000, { chunkJobs: 'auto' });
    rig.tell({ type: 'begin' });
    rig.ready(1);
    rig.answer(1, gatherMs / 5);
    assert.deepEqual(rig.tell(tick), ['assign 1: 6 7 8 9 10']);
    assert.deepEqual(rig.tell(tick, recallAfterMs), ['recall 1']);
    return rig;
  }

  it('a worker is fed nothing between the recall and the last answer to what it kept, in whatever order they come', () => {
    const rig = recalledAuto();
    assert.equal(rig.answer(1, 1, 8).length, 8);
    assert.deepEqual(rig.recalled(1, 1), []);
    assert.match(rig.answer(1).join(), /^settle 9 rows,assign 1: 10 11 12/);
    const late = recalledAuto();
    assert.equal(late.answer(1, 1, 10).length, 10, 'all answered, and not fed');
    assert.match(late.recalled(1, 0).join(), /^assign 1: 11 12/);
  });

  it('a worker without a job that never says what comes back is replaced', () => {
    const rig = recalledAuto();
    assert.equal(rig.answer(1, 1, 10).length, 10);
    assert.deepEqual(rig.tell(tick, 4_999), []);
    assert.deepEqual(rig.tell(tick, 1), ['dismiss 1']);
    assert.deepEqual(rig.recalled(1, 0), []);
    assert.deepEqual(rig.ended(1), ['spawn 2']);
  });

  it('are nobody to blame: a death or a time limit is charged to the only job that was kept', () => {
    const recalled = (): Rig => {
      const rig = stuck({ timeoutMs: 1_000 });
      rig.answer(2, 1, 4);
      assert.deepEqual(rig.tell(tick, recallAfterMs - 1), ['recall 1']);
      return rig;
    };
    const dying = recalled();
    dying.recalled(1, 1);
    assert.deepEqual(dying.ended(1), ['settle 0 crash']);
    const slow = recalled();
    slow.recalled(1, 1);
    slow.answer(2, 1, 3);
    assert.deepEqual(slow.tell(tick, 1_000 - recallAfterMs), ['kill 1']);
    assert.deepEqual(slow.ended(1).slice(0, 1), ['settle 0 timeout']);
    const silent = recalled();
    assert.deepEqual(silent.ended(1), ['give back 0 1 2 3', 'assign 2: 3', 'spawn 3'], 'it took its word with it');
    const late = recalled();
    assert.deepEqual(late.tell(tick, 1_000 - recallAfterMs), [], 'answers to those before it may wait for company');
    assert.deepEqual(late.tell(tick, gatherMs), ['kill 1']);
    assert.deepEqual(late.recalled(1, 1), [], 'a dying worker is not heard');
    assert.deepEqual(late.ended(1).slice(0, 1), ['give back 0 1 2 3']);
  });

  it('a time limit shorter than answers wait for company kills nobody who is quick', () => {
    const rig = stuck({ timeoutMs: 50 });
    assert.deepEqual(rig.tell(tick, gatherMs), []);
    assert.equal(rig.answer(2, 1, 4).length, 4);
    assert.equal(rig.answer(1, 1, 3).length, 3);
    assert.deepEqual(rig.tell(tick, 49), []);
    assert.deepEqual(rig.tell(tick, 1), ['kill 1'], 'what is left runs by itself');
  });

  it('do not begin any more in a drain: at once behind a stuck one, after a moment behind quick ones', () => {
    const rig = stuck();
    rig.tell(tick, recallAfterMs);
    assert.deepEqual(rig.answer(2), ['settle 4 rows']);
    assert.deepEqual(rig.tell({ type: 'stop', how: 'drain' }), ['recall 1']);
    assert.deepEqual(rig.answer(2, 200), ['settle 5 rows']);
    assert.deepEqual(rig.tell(tick, recallAfterMs - 200), ['recall 2']);
    assert.deepEqual(rig.recalled(1, 1), []);
    assert.deepEqual(rig.recalled(2, 1), []);
    assert.deepEqual(rig.answer(1), ['settle 0 rows']);
    assert.deepEqual(rig.answer(2), ['settle 6 rows', 'dismiss 1', 'dismiss 2']);
    rig.ended(1);
    assert.deepEqual(rig.ended(2), ['finish stopped']);
  });

  it('are not asked for when all stops or nobody may be fed; a late word is heard all the same', () => {
    const held = stuck();
    held.answer(2, 1, 4);
    held.tell({ type: 'hold', held: true });
    assert.deepEqual(held.tell(tick, 1_000), []);
    assert.deepEqual(held.tell({ type: 'hold', held: false }), ['recall 1']);
    assert.deepEqual(held.tell({ type: 'stop', how: 'now' }), ['abort 1']);
    assert.deepEqual(held.recalled(1, 1), []);
    assert.deepEqual(held.answer(1), ['settle 0 rows', 'dismiss 1', 'dismiss 2']);
    const stopped = stuck();
    assert.deepEqual(stopped.tell({ type: 'stop', how: 'now' }), ['abort 1', 'abort 2']);
    assert.deepEqual(stopped.tell(tick, 400), []);
  });
});

describe('halt', () => {
  it('by count, by share, by the first that all failed', () => {
    assert.equal(whyHalt({ kind: 'count', how: 'soon', failed: 3 }, 9, 2, 1), undefined);
    assert.match(whyHalt({ kind: 'count', how: 'soon', failed: 3 }, 9, 3, 1) ?? '', /3 jobs failed/);
    assert.equal(whyHalt({ kind: 'share', how: 'now', fraction: 0.05 }, 19, 19, 1), undefined);
    assert.match(whyHalt({ kind: 'share', how: 'now', fraction: 0.05 }, 40, 2, 1) ?? '', /2 of 40/);
    assert.equal(whyHalt({ kind: 'auto' }, 20, 19, 1), undefined);
    assert.match(whyHalt({ kind: 'auto' }, 20, 20, 1) ?? '', /first 20/);
    assert.equal(whyHalt({ kind: 'auto' }, 20, 20, 16), undefined);
  });
});

describe('job times', () => {
  it('the longest of the last ones, the prior only as long as little else is known', () => {
    const times = new JobTimes(50);
    times.learn(3, 1);
    assert.equal(times.longestMs, 50);
    for (let job = 0; job < 600; job++) times.learn(2, 1);
    assert.equal(times.longestMs, 2);
  });
});

describe('group commit', () => {
  const policy = { intervalMs: 40, flushAtBytes: 100, holdAtBytes: 1_000, retryMs: 300 };
  const flush = (text: string, positionBytes = 0) => ({ type: 'flush' as const, text: [text], positionBytes });

  it('writes all of a failed flush again, at its place, before anything else', () => {
    const commit = new GroupCommit(policy, 7);
    commit.append(['a\n'], 0);
    assert.deepEqual(commit.tick(40), [flush('a\n', 7)]);
    commit.append(['b\n'], 50);
    assert.deepEqual(commit.failed('EIO', true, 60), [
      { type: 'stuck', why: 'EIO' },
      { type: 'wake', atMs: 360 },
    ]);
    assert.deepEqual(commit.tick(360), [flush('a\n', 7)]);
    assert.deepEqual(commit.flushed(2, 400), [{ type: 'durable', ticket: 1 }, flush('b\n', 9)]);
  });

  it('writes at once what comes after a while of quiet, and what comes then together', () => {
    const commit = new GroupCommit(policy, 0);
    commit.append(['a\n'], 0);
    commit.tick(40);
    commit.flushed(2, 41);
    commit.append(['b\n'], 1_000);
    assert.deepEqual(commit.tick(1_000), [flush('b\n', 2)]);
    assert.deepEqual(commit.flushed(2, 1_001), [{ type: 'durable', ticket: 2 }]);
    commit.append(['c\n'], 1_010);
    assert.deepEqual(commit.tick(1_010), [{ type: 'wake', atMs: 1_040 }]);
    commit.append(['d\n'], 1_020);
    assert.deepEqual(commit.tick(1_040), [{ type: 'flush', text: ['c\n', 'd\n'], positionBytes: 4 }]);
  });

  it('a full disk is waited for, but not by somebody who wants the end', () => {
    const commit = new GroupCommit(policy, 0);
    commit.append(['a\n'], 0);
    commit.tick(40);
    commit.failed('full', true, 1e9);
    assert.deepEqual(commit.giveUpAt(1e9 + 500, 1e9), [flush('a\n'), { type: 'wake', atMs: 1e9 + 500 }]);
    assert.equal(commit.failed('full', true, 1e9 + 100)[0]?.type, 'stuck');
    commit.tick(1e9 + 400);
    assert.deepEqual(commit.failed('full', true, 1e9 + 600), [{ type: 'broken', why: 'full' }]);
    assert.deepEqual(commit.flushed(2, 1e9 + 700), [], 'what comes after the end is not heard');
  });

  it('a disk that does not answer at all does not hold up the end; `stuckMaxMs` is a bound', () => {
    const commit = new GroupCommit(policy, 0);
    commit.append(['a\n'], 0);
    commit.tick(40);
    commit.giveUpAt(1_000, 50);
    assert.deepEqual(commit.tick(1_000), [{ type: 'broken', why: 'the disk does not answer' }]);
    const slept = new GroupCommit(policy, 0);
    slept.append(['a\n'], 0);
    slept.tick(40);
    slept.giveUpAt(1_000, 50);
    assert.deepEqual(
      slept.tick(3_600_000),
      [{ type: 'wake', atMs: 3_602_000 }],
      'the machine slept: the disk gets its chance',
    );
    assert.deepEqual(slept.flushed(2, 3_600_100), [{ type: 'durable', ticket: 1 }]);
    const bounded = new GroupCommit({ ...policy, stuckMaxMs: 200 }, 0);
    bounded.append(['a\n'], 0);
    bounded.tick(40);
    assert.deepEqual(bounded.failed('full', true, 300), [{ type: 'broken', why: 'full' }]);
  });
});
