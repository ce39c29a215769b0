import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRescue, spellRescue } from '../../src/config/rescue-file.ts';
import { digestPlan } from '../../src/core/digest.ts';
import { Attempts } from '../../src/core/dispatch/attempts.ts';
import { Dispatch } from '../../src/core/dispatch/dispatch.ts';
import type { DispatchPolicy } from '../../src/core/dispatch/policy.ts';
import type { DispatchEvent } from '../../src/core/dispatch/protocol.ts';
import { JobQueue } from '../../src/core/dispatch/queue.ts';
import { hex, type JobIndex, jobIndex } from '../../src/core/ids.ts';
import type { MachineFacts } from '../../src/core/plan-facts.ts';
import { plannedMachines, type RescueChain, takersOf } from '../../src/core/rescue/generation.ts';
import { nextRescue } from '../../src/core/rescue/next-rescue.ts';
import { type Piece, piecesOf } from '../../src/core/rescue/piece.ts';
import {
  countOf,
  formatRanges,
  intersect,
  parseRanges,
  type Range,
  selectRanges,
  subtract,
} from '../../src/core/rescue/ranges.ts';
import { responsibility } from '../../src/core/rescue/responsibility.ts';
import { responsibleByPieces } from '../../src/core/rescue/responsible-machine.ts';
import { splitJobs } from '../../src/core/rescue/split.ts';
import { cutShares } from '../../src/core/shares.ts';

const total = 60;
const experimentDigest = hex('e'.repeat(64));
const set = fc.uniqueArray(fc.nat(total - 1));
const rangesOf = (numbers: readonly number[]): readonly Range[] => {
  const wanted = new Set(numbers);
  return selectRanges([{ from: 0, to: total }], (position) => wanted.has(position));
};
const every = (step: number): readonly Range[] => rangesOf(Array.from({ length: total / step }, (_, at) => at * step));
const listOf = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at));

describe('ranges of positions are sets', () => {
  const ascending = (a: number, b: number): number => a - b;

  it('intersect, subtract, count, text and back', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const [left, right] = [rangesOf(a), rangesOf(b)];
        assert.deepEqual(listOf(left), a.toSorted(ascending));
        assert.equal(countOf(left), a.length);
        assert.deepEqual(listOf(intersect(left, right)), a.filter((it) => b.includes(it)).sort(ascending));
        assert.deepEqual(listOf(subtract(left, right)), a.filter((it) => !b.includes(it)).sort(ascending));
        assert.deepEqual(parseRanges(formatRanges(left), total), left);
      }),
    );
  });

  it('reads only what it writes, within the pool', () => {
    for (const text of ['1-1', '1,2', '1-3,4', '5,3', '60', '3-60', '-1', '1.5', '01', ' 1', '1,', '2-1', 'x', '1e1'])
      assert.equal(parseRanges(text, total), undefined, text);
    assert.deepEqual(parseRanges('0-1,3,59', total), [
      { from: 0, to: 2 },
      { from: 3, to: 4 },
      { from: 59, to: 60 },
    ]);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('0', '1', '2', '9', '-', ',') }), (text) => {
        const read = parseRanges(text, total);
        if (read !== undefined) assert.equal(formatRanges(read), text);
      }),
    );
  });
});

const facts = (name: string, weight: string, cores: number): MachineFacts => ({ name, weight, cores });
const weight = fc.constantFrom('1', '0.1', '2.5', '1e-9', '33.333', '1e9');
const someMachines = fc
  .uniqueArray(fc.constantFrom('lab1', 'lab2', 'lab3', 'Ölab', 'z'), { minLength: 1 })
  .chain((names) =>
    fc.tuple(
      ...names
        .sort()
        .map((name) => fc.tuple(weight, fc.integer({ min: 1, max: 9 })).map(([w, c]) => facts(name, w, c))),
    ),
  );

function chainOf(machines: readonly MachineFacts[], jobs = total): RescueChain {
  const planDigest = digestPlan({
    experiment: experimentDigest,
    machines: plannedMachines(machines),
    order: 'shuffled',
  });
  return { plan: { experimentDigest, planDigest, order: 'shuffled', jobs, machines }, generations: [] };
}

const piecesBy = ({ plan, generations }: RescueChain): readonly Piece[] =>
  responsibility(plan.jobs, plannedMachines(plan.machines), generations);

function assertCovers(pieces: readonly Piece[], jobs: number): void {
  let next = 0;
  for (const { from, to } of pieces) {
    assert.equal(from, next);
    assert.ok(to > from);
    next = to;
  }
  assert.equal(next, jobs);
}

describe('splitting jobs anew', () => {
  it('covers them once, by weight × cores exactly, whoever had them before; who had some keeps its first ones', () => {
    fc.assert(
      fc.property(set, someMachines, someMachines, (jobs, before, takers) => {
        const [ranges, planned] = [rangesOf(jobs), plannedMachines(takers)];
        const pieces = cutShares(total, plannedMachines(before)).filter(({ from, to }) => to > from);
        const split = splitJobs(ranges, pieces, planned);
        assert.deepEqual(
          split.flatMap((it) => listOf([it])).sort((a, b) => a - b),
          jobs.toSorted((a, b) => a - b),
        );
        for (const { machine, from, to } of cutShares(jobs.length, planned)) {
          const own = listOf(piecesOf(split, machine));
          assert.equal(own.length, to - from);
          const had = listOf(intersect(piecesOf(pieces, machine), ranges));
          const kept = Math.min(had.length, own.length);
          assert.deepEqual(
            had.slice(0, kept).filter((it) => !own.includes(it)),
            [],
          );
        }
      }),
    );
  });

  it('nobody is disturbed where only the jobs of one are split', () => {
    const chain = chainOf([facts('a', '1', 1), facts('b', '1', 1), facts('c', '2', 1)], 40);
    const wish = { machines: chain.plan.machines, lost: ['a'], relieved: [], back: [] };
    const next = nextRescue(chain, wish, [{ from: 0, to: 4 }]);
    assert.ok(next.kind === 'split');
    assert.deepEqual(next.chain.generations[0]?.positions, [{ from: 4, to: 10 }]);
    const [a, b, c] = ['a', 'b', 'c'].map((name) =>
      piecesOf(piecesBy(next.chain), name).map(({ from, to }) => [from, to]),
    );
    assert.deepEqual(a, [[0, 4]]);
    assert.deepEqual(b, [
      [4, 6],
      [10, 20],
    ]);
    assert.deepEqual(c, [
      [6, 10],
      [20, 40],
    ]);
  });
});

/** What happens to a group of machines: rescues by somebody who sees copies of some of what is done. */
const happening = fc.record({
  /** How many jobs each machine settles before, the first ones of what is its own by the rescues it knows. */
  progress: fc.array(fc.nat(12), { minLength: 5, maxLength: 5 }),
  /** Which of them know the rescues so far. */
  informed: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  /** How much of what is settled the copies show. */
  stale: fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
  lost: fc.array(fc.nat(4), { maxLength: 2 }),
  relieved: fc.array(fc.nat(4), { maxLength: 1 }),
  machines: fc.option(someMachines, { nil: undefined }),
});

class Group {
  chain: RescueChain;
  readonly #everyone = new Set<string>();
  readonly #known = new Map<string, RescueChain>();
  /** In the order of their doing. */
  readonly #done = new Map<string, number[]>();
  machines: readonly MachineFacts[];

  constructor(machines: readonly MachineFacts[]) {
    this.chain = chainOf(machines);
    this.machines = this.change(machines);
  }

  change(machines: readonly MachineFacts[]): readonly MachineFacts[] {
    for (const { name } of machines) this.#everyone.add(name);
    this.machines = machines;
    return machines;
  }

  get names(): readonly string[] {
    return [...this.#everyone].sort();
  }

  doneBy(name: string): number[] {
    const done = this.#done.get(name) ?? [];
    this.#done.set(name, done);
    return done;
  }

  inform(name: string): void {
    this.#known.set(name, this.chain);
  }

  /** A machine works on, by the rescues that it knows of. */
  work(name: string, jobs: number): void {
    const chain = this.#known.get(name) ?? { plan: this.chain.plan, generations: [] };
    const done = this.doneBy(name);
    const open = listOf(piecesOf(piecesBy(chain), name)).filter((position) => !done.includes(position));
    done.push(...open.slice(0, jobs));
  }

  /** What somebody sees who has copies that are `stale` jobs old. */
  copies(stale: readonly number[]): readonly (readonly number[])[] {
    return this.names.map((name, at) =>
      this.doneBy(name).slice(0, Math.max(0, this.doneBy(name).length - (stale[at] ?? 0))),
    );
  }

  get settled(): ReadonlySet<number> {
    return new Set([...this.#done.values()].flat());
  }
}

describe('rescues in a row, by whoever makes them, from copies however old', () => {
  it('every job is always exactly one machine’s, and the whole gets done by those who are left', () => {
    fc.assert(
      fc.property(someMachines, fc.array(happening, { maxLength: 5 }), (machines, happenings) => {
        const group = new Group(machines);
        for (const { progress, informed, stale, lost, relieved, machines: changed } of happenings) {
          group.names.forEach((name, at) => {
            if (informed[at] === true) group.inform(name);
            group.work(name, progress[at] ?? 0);
          });
          if (changed !== undefined) group.change(changed);
          const pick = (list: readonly number[]): string[] => list.flatMap((at) => group.names[at] ?? []);
          const wish = { machines: group.machines, lost: pick(lost), relieved: pick(relieved), back: [] };
          const copies = group.copies(stale);
          const make = (order: readonly (readonly number[])[]): ReturnType<typeof nextRescue> => {
            const seen = new Set(order.flat());
            return nextRescue(group.chain, wish, rangesOf([...seen]));
          };
          const next = make(copies);
          assert.deepEqual(make(copies.toReversed()), next);
          if (next.kind !== 'split') continue;
          const text = spellRescue(next.chain);
          assert.deepEqual(parseRescue(text, 'rescue.json'), { ok: true, value: next.chain });
          group.chain = next.chain;
          assertCovers(piecesBy(group.chain), total);
          const last = group.chain.generations.at(-1);
          assert.ok(last);
          const taking = takersOf(last).map(({ name }) => name);
          for (const { machine } of intersect(piecesBy(group.chain), last.positions))
            assert.ok(taking.includes(machine));
        }
        // Whoever is not lost learns of it and works to its end; then what was the lost ones' is split once more.
        const gone = group.chain.generations.at(-1)?.lost ?? [];
        const alive = group.names.filter((name) => !gone.includes(name));
        const finish = (): void => {
          for (const name of alive) group.inform(name);
          for (const name of alive) group.work(name, total);
        };
        finish();
        const wish = { machines: group.machines, lost: gone, relieved: [], back: [] };
        const { settled } = group;
        const next = nextRescue(group.chain, wish, rangesOf([...settled]));
        if (next.kind === 'split') group.chain = next.chain;
        finish();
        if (next.kind !== 'nobody-left') assert.equal(group.settled.size, total);
      }),
      { numRuns: 500 },
    );
  });

  it('a lost machine stays lost, until it is back', () => {
    const chain = chainOf([facts('a', '1', 1), facts('b', '1', 1), facts('c', '1', 1)]);
    const step = (from: RescueChain, wish: Partial<Parameters<typeof nextRescue>[1]>): RescueChain => {
      const next = nextRescue(from, { machines: chain.plan.machines, lost: [], relieved: [], back: [], ...wish }, []);
      assert.ok(next.kind === 'split', next.kind);
      return next.chain;
    };
    const without = step(step(chain, { lost: ['a'] }), {});
    assert.deepEqual(piecesOf(piecesBy(without), 'a'), []);
    const again = step(without, { back: ['a'] });
    assert.equal(countOf(piecesOf(piecesBy(again), 'a')), total / 3);
    assert.equal(
      nextRescue(chain, { machines: chain.plan.machines, lost: ['a', 'b'], relieved: ['c'], back: [] }, []).kind,
      'nobody-left',
    );
    assert.equal(
      nextRescue(chain, { machines: chain.plan.machines, lost: ['a'], relieved: [], back: [] }, [{ from: 0, to: 20 }])
        .kind,
      'nothing-left',
    );
  });
});

describe('a queue that is redirected', () => {
  it('hands out every job of the new order once, nothing that was handed out, and what came back', () => {
    const orderOf = (jobs: readonly number[]) => ({ length: jobs.length, at: (at: number) => jobs[at] });
    const steps = fc.array(fc.tuple(set, fc.nat(9), fc.nat(3)), { maxLength: 4 });
    fc.assert(
      fc.property(set, set, steps, (settled, first, more) => {
        const isSettled = (job: JobIndex): boolean => settled.includes(job);
        const open = first.filter((job) => !settled.includes(job)).length;
        const queue = new JobQueue(orderOf(first), 0, first.length, open, isSettled);
        const out = new Set<number>();
        const take = (): JobIndex | undefined => {
          const job = queue.take();
          if (job === undefined) return undefined;
          assert.ok(!out.has(job) && !settled.includes(job));
          out.add(job);
          return job;
        };
        let now = first;
        for (const [next, takes, returns] of more) {
          const taken = Array.from({ length: takes }, take).filter((job) => job !== undefined);
          for (const job of taken.slice(0, returns)) {
            out.delete(job);
            queue.putBack(job);
          }
          queue.redirect(orderOf(next));
          now = next;
          assert.equal(queue.left, next.filter((job) => !settled.includes(job) && !out.has(job)).length);
        }
        while (take() !== undefined);
        assert.equal(queue.left, 0);
        for (const job of now) assert.ok(out.has(job) || settled.includes(job));
      }),
    );
  });
});

describe('a dispatcher whose queue is redirected', () => {
  it('gives idle cores work at once, while a long job goes on', () => {
    const orderOf = (jobs: readonly number[]) => ({ length: jobs.length, at: (at: number) => jobs[at] });
    const policy: DispatchPolicy = {
      cores: 2,
      retries: 0,
      crashLimit: 1,
      timeoutMs: undefined,
      graceMs: 100,
      chunkJobs: 1,
      jobsPerWorkerMax: undefined,
      halt: { kind: 'never' },
    };
    const queue = new JobQueue(orderOf([7]), 0, 1, 1, () => false);
    const dispatch = new Dispatch(policy, queue, new Attempts(policy, []));
    const kindsOf = (event: DispatchEvent, nowMs: number) => dispatch.step(event, nowMs).map(({ type }) => type);
    const [spawn] = dispatch.step({ type: 'begin' }, 0);
    assert.ok(spawn?.type === 'spawn');
    assert.ok(kindsOf({ type: 'worker-ready', worker: spawn.worker }, 1).includes('assign'));
    queue.redirect(orderOf([7, 8, 9]));
    assert.equal(queue.left, 2);
    assert.ok(kindsOf({ type: 'hold', held: false }, 2).includes('spawn'));
  });
});

describe('who is responsible for a job', () => {
  it('is known of every job, as the pieces say', () => {
    const chain = chainOf([facts('a', '1', 1), facts('b', '2', 1)]);
    const order = { length: total, at: (position: number) => total - 1 - position };
    const pieces = piecesBy(chain);
    const machineOf = responsibleByPieces(pieces, order);
    for (const { machine, from, to } of pieces) {
      for (let position = from; position < to; position++)
        assert.equal(machineOf(jobIndex(order.at(position))), machine);
    }
    assert.deepEqual([machineOf(jobIndex(total - 1)), machineOf(jobIndex(0))], ['a', 'b']);
  });
});

describe('rescue.json', () => {
  const first = chainOf([facts('a', '1', 1), facts('b', '2.5', 3), facts('c', '1', 2)]);
  const grow = (chain: RescueChain, lost: string): RescueChain => {
    const next = nextRescue(chain, { machines: first.plan.machines, lost: [lost], relieved: [], back: [] }, []);
    assert.ok(next.kind === 'split');
    return next.chain;
  };
  const whole = grow(grow(first, 'a'), 'b');
  const text = spellRescue(whole);

  it('is not believed when anything in its rescues was changed, left out or put in another order', () => {
    const content = JSON.parse(text);
    const [one, two] = content.generations;
    const spoilt = [
      { ...content, generations: [two] },
      { ...content, generations: [two, one] },
      { ...content, generations: [one, one] },
      { ...content, generations: [] },
      { ...content, generations: [{ ...one, positions: '0-3' }, two] },
      { ...content, generations: [{ ...one, lost: ['c'] }, two] },
      { ...content, generations: [{ ...one, machines: one.machines.slice(1) }, two] },
      { ...content, generations: [one, { ...two, number: 3 }] },
      { ...content, rescue: 2 },
      { ...content, plan: { ...content.plan, planDigest: 'f'.repeat(64) } },
      { ...content, plan: { ...content.plan, machines: [{ name: 'a/../b\u0000', weight: '1', cores: 1 }] } },
      { ...content, plan: { ...content.plan, jobs: 1e300 } },
    ];
    for (const it of spoilt) {
      const read = parseRescue(JSON.stringify(it), 'rescue.json');
      assert.equal(read.ok, false, JSON.stringify(it));
    }
    assert.equal(parseRescue(text, 'rescue.json').ok, true);
    assert.match(JSON.stringify(parseRescue(text.slice(0, -20), 'rescue.json')), /cannot be used.*copy it again/);
  });

  it('never throws, whatever it holds', () => {
    fc.assert(fc.property(fc.json(), (json) => void parseRescue(json, 'rescue.json')));
    const mutate = fc.tuple(fc.nat(text.length - 1), fc.constantFrom('0', '9', 'x', '"', '{', ','));
    fc.assert(
      fc.property(mutate, ([at, character]) => {
        const read = parseRescue(text.slice(0, at) + character + text.slice(at + 1), 'rescue.json');
        // Only the pool's length is not in a digest here: it is held against the pool.
        if (read.ok) assert.deepEqual(read.value, { ...whole, plan: { ...whole.plan, jobs: read.value.plan.jobs } });
      }),
      { numRuns: 2_000 },
    );
  });

  it('splits as it always did (golden)', () => {
    const lost = { machines: first.plan.machines, lost: ['b'], relieved: [], back: [] };
    const one = nextRescue(first, lost, every(7));
    assert.ok(one.kind === 'split');
    const changed = [facts('a', '1', 1), facts('c', '0.3', 2), facts('d', '2', 1)];
    const two = nextRescue(one.chain, { ...lost, lost: [], machines: changed }, every(5));
    assert.ok(two.kind === 'split');
    assert.equal(
      piecesBy(two.chain)
        .map(({ machine, from, to }) => `${machine}${from}-${to}`)
        .join(' '),
      'a0-7 d7-8 a8-14 d14-15 a15-19 c19-21 d21-22 c22-28 d28-29 c29-32 d32-35 b35-36 d36-40 c40-41 d41-45 c45-46 d46-50 c50-51 d51-55 c55-56 d56-60',
    );
    assert.equal(two.chain.generations[1]?.digest, '56bd0b2a4b75feb2dbdd4492571c051023f2835d469db6090f59053b01f4a742');
  });
});
