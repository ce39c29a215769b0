import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeJson, encodeJson } from '../../src/core/json.ts';
import { planOrder } from '../../src/core/order.ts';
import { cutShares } from '../../src/core/shares.ts';
import type { AnyExperiment } from '../../src/experiment.ts';
import { rescue } from '../../src/run/rescue.ts';
import { verifyResults } from '../../src/run/verify.ts';
import {
  type Campaign,
  journalLines,
  mergeWhole,
  prepareCampaign,
  type Said,
  writeJournal,
} from '../fixtures/campaign.ts';
import { emptyFolder } from '../fixtures/executable.ts';

/** Some of all that a cell can be. */
const cells: readonly unknown[] = [
  ...[0, -0, 1.5, 1e21, 1e-7, Number.NaN, Number.NEGATIVE_INFINITY, true, false, null],
  ...['', 'plain', 'a,b', 'say "x"', 'two\nlines', 'ümläut ☃', '1', '[1]', 'ends\\'],
  ...[[1, [2]], { a: 1, b: 'c"]' }],
];

/** What a job gives: follows from its index, so that all who compute it agree. */
function rowsOf(job: number): readonly (readonly unknown[])[] {
  if (job % 7 === 3) return [];
  const row = (at: number): unknown[] => [job + at / 10, cells[(job * 5 + at) % cells.length]];
  if (job % 5 === 4) return [row(0), row(1), row(2)];
  return job % 3 === 0 ? [[job, job / 7]] : [row(0)];
}

const experimentOf = (jobs: readonly string[]): AnyExperiment => ({
  name: 'x',
  jobs: [...jobs],
  columns: ['n', 'cell'],
  job: () => 0,
  // Every other order gives other bits.
  reduce: (sum, [n, cell]) => Number(sum) * 1.1 + Number(n) / 3 + encodeJson(cell).length,
  reduceStart: 0.1,
});

const layouts: readonly (readonly string[])[] = [
  [],
  ['results.include_job_id=no'],
  ['results.include_arguments=yes', 'results.include_machine=yes', 'results.include_seed=yes'],
  ['results.timestamps=unix', 'results.include_attempt=yes', 'results.include_job_done_time=yes'],
];

const scenario = fc.record({
  jobs: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e,"f', 'ü'), { minLength: 1, maxLength: 40, size: 'max' }),
  machines: fc.array(fc.record({ weight: fc.constantFrom('1', '2.5', '0.3'), cores: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
  /** For each job of the share, one after the other: what became of it. */
  fates: fc.array(fc.constantFrom('done', 'done', 'done', 'failed', 'left', 'left', 'failed, then done'), {
    minLength: 5,
    maxLength: 50,
  }),
  allDone: fc.constantFrom(true, false, false),
  /** Jobs that a machine computes beside its share. */
  extra: fc.array(fc.tuple(fc.nat(3), fc.nat(39), fc.boolean()), { maxLength: 6 }),
  /** One after the other: who is lost, what the takers make of its jobs, and whether it comes back and knows nothing of it. */
  rescues: fc.array(
    fc.record({
      lost: fc.nat(3),
      fates: fc.array(fc.constantFrom('done', 'done', 'done', 'failed', 'left'), { minLength: 1, maxLength: 10 }),
      comesBack: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  /** Older copies of folders: which, and how many of its lines. */
  copies: fc.array(fc.tuple(fc.nat(3), fc.nat(10)), { maxLength: 2 }),
  perLine: fc.integer({ min: 1, max: 5 }),
  layout: fc.constantFrom(...layouts),
  windowBytes: fc.constantFrom(60, 700, 1 << 20),
  shuffle: fc.infiniteStream(fc.nat(1_000)),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

interface Story {
  /** As it is after the last rescue. */
  readonly campaign: Campaign;
  readonly given: readonly string[];
  readonly succeeded: ReadonlySet<number>;
  readonly failed: ReadonlySet<number>;
  /** By the plan and its rescues, by machine. */
  readonly missing: ReadonlyMap<string, number>;
}

/** What the machines of a campaign do, session after session; their folders hold what they have done so far. */
class Doings {
  readonly #it: Scenario;
  readonly #sessions = new Map<string, Said[][]>();
  readonly succeeded = new Set<number>();
  readonly tried = new Set<number>();
  campaign: Campaign;
  #clock = 1_000;

  constructor(campaign: Campaign, it: Scenario) {
    this.campaign = campaign;
    this.#it = it;
  }

  begin(machine: string): void {
    this.#sessions.set(machine, [...this.#sessionsOf(machine), []]);
  }

  /** In the session that was begun last. */
  say(machine: string, job: number, isDone: boolean): void {
    this.#sessionsOf(machine)
      .at(-1)
      ?.push({ job, rows: isDone ? rowsOf(job) : undefined, startedAtMs: this.#clock++ });
    this.tried.add(job);
    if (isDone) this.succeeded.add(job);
  }

  hasSaid(machine: string, job: number): boolean {
    return this.#sessionsOf(machine).some((list) => list.some((said) => said.job === job));
  }

  write(machine: string): { readonly folder: string; readonly lines: readonly string[] } {
    const sessions = this.#sessionsOf(machine).map((list, at) => ({
      startedAtMs: at + 1,
      lines: chunk(list, this.#it.perLine),
    }));
    const lines = journalLines(this.campaign, machine, sessions);
    return { folder: writeJournal(this.campaign, machine, lines), lines };
  }

  #sessionsOf(machine: string): Said[][] {
    return this.#sessions.get(machine) ?? [];
  }
}

/** Writes the folders of all machines and says in plain words what they come to. */
async function tell(campaign: Campaign, it: Scenario): Promise<Story> {
  const { prepared } = campaign;
  const total = prepared.pool.length;
  const order = planOrder(total, prepared.planDigest, 'shuffled');
  const shares = cutShares(total, prepared.machines);
  const doings = new Doings(campaign, it);
  playShares(doings, it, shares, order);
  const names = shares.map(({ machine }) => machine);
  for (const event of it.rescues) await playRescue(doings, event, names, order);
  const given = names.flatMap((machine) => {
    const { folder, lines } = doings.write(machine);
    const older = it.copies.flatMap(([at, count], number) =>
      names[at] === machine
        ? [writeJournal(campaign, machine, lines.slice(0, 2 + count), `copy-${number}.${machine}`)]
        : [],
    );
    return [folder, ...older];
  });
  const missing = new Map<string, number>();
  for (const { machine, from, to } of doings.campaign.prepared.pieces) {
    for (let position = from; position < to; position++) {
      if (!doings.tried.has(order.at(position) ?? 0)) missing.set(machine, (missing.get(machine) ?? 0) + 1);
    }
  }
  const { succeeded, tried } = doings;
  const failed = new Set([...tried].filter((job) => !succeeded.has(job)));
  return { campaign: doings.campaign, given, succeeded, failed, missing };
}

type Order = ReturnType<typeof planOrder>;

function playShares(doings: Doings, it: Scenario, shares: ReturnType<typeof cutShares>, order: Order): void {
  let fate = 0;
  for (const [number, { machine, from, to }] of shares.entries()) {
    const again: number[] = [];
    doings.begin(machine);
    for (let position = from; position < to; position++) {
      const job = order.at(position) ?? 0;
      const what = it.allDone ? 'done' : it.fates[fate++ % it.fates.length];
      if (what === 'left') continue;
      doings.say(machine, job, what === 'done');
      if (what === 'failed, then done') again.push(job);
    }
    for (const [at, index, isDone] of it.extra) {
      const job = index % order.length;
      if (at === number && !doings.hasSaid(machine, job)) doings.say(machine, job, isDone);
    }
    doings.begin(machine);
    for (const job of again) doings.say(machine, job, true);
  }
}

/** One machine is lost; the others work on by the rescue; it may come back and work on by what it knew. */
async function playRescue(
  doings: Doings,
  { lost, fates, comesBack }: Scenario['rescues'][number],
  names: readonly string[],
  order: Order,
): Promise<void> {
  const gone = names[lost % names.length] ?? '';
  const before = doings.campaign.prepared.pieces;
  const folders = names.map((machine) => doings.write(machine).folder);
  const { prepared, home, experiment } = doings.campaign;
  const made = rescue({ prepared, folders, lost: [gone], relieved: [], back: [], all: false });
  // The last machine that was left is lost, too: nobody takes over.
  if (!made.ok || made.value.kind === 'nothing-left') return;
  const { machines } = prepared.files;
  doings.campaign = await prepareCampaign(home, experiment, machines.text, ...doings.campaign.overrides);
  let fate = 0;
  const workOn = (pieces: typeof before, machine: string): void => {
    doings.begin(machine);
    for (const { from, to } of pieces.filter((piece) => piece.machine === machine)) {
      for (let position = from; position < to; position++) {
        const job = order.at(position) ?? 0;
        const what = fates[fate++ % fates.length];
        if (what !== 'left' && !doings.hasSaid(machine, job)) doings.say(machine, job, what === 'done');
      }
    }
  };
  const after = doings.campaign.prepared.pieces;
  const isOpen = (position: number): boolean => !doings.tried.has(order.at(position) ?? 0);
  for (const { machine, from, to } of after) {
    for (let position = from; position < to; position++) assert.ok(machine !== gone || !isOpen(position));
  }
  for (const machine of names) if (machine !== gone) workOn(after, machine);
  if (comesBack) workOn(before, gone);
}

function chunk<Item>(list: readonly Item[], size: number): Item[][] {
  const parts: Item[][] = [];
  for (let from = 0; from < list.length; from += size) parts.push(list.slice(from, from + size));
  return parts;
}

const machinesText = (machines: Scenario['machines']): string =>
  JSON.stringify(
    Object.fromEntries(machines.map(({ weight, cores }, at) => [`lab${at}`, { weight: Number(weight), cores }])),
  );

function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = ['results.csv', 'results.jsonl', 'failed.csv', 'proof.json', 'summary.json'];
  const found = names.filter((name) => existsSync(join(folder, name)));
  return Object.fromEntries(found.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

describe('merge, whatever the machines did', () => {
  it('is the whole in pool order, reduced as one would, complete when all succeeded, and the same in any order', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (it) => {
        const home = emptyFolder();
        const experiment = experimentOf(it.jobs);
        const campaign = await prepareCampaign(home, experiment, machinesText(it.machines), ...it.layout);
        const story = await tell(campaign, it);
        const formats = ['csv', 'jsonl'] as const;
        const { windowBytes } = it;
        const report = await mergeWhole(story.campaign, story.given, { formats, windowBytes });

        const sequential = [...it.jobs.keys()].filter((job) => story.succeeded.has(job)).flatMap(rowsOf);
        const reduced = sequential.reduce((sum: unknown, row) => experiment.reduce?.(sum, row), experiment.reduceStart);
        assert.equal(report.summary.reduced, reduced);
        assert.equal(report.proof.complete, story.succeeded.size === it.jobs.length);
        const { done, failed, missing } = report.proof.jobs;
        const left = it.jobs.length - story.succeeded.size - story.failed.size;
        assert.deepEqual([done, failed, missing], [story.succeeded.size, story.failed.size, left]);
        assert.deepEqual(new Map(report.missing.map(({ machine, count }) => [String(machine), count])), story.missing);
        assert.equal(report.proof.rows, sequential.length);
        const files = filesIn(report.folder);
        const lines = (files['results.jsonl'] ?? '')
          .split('\n')
          .slice(0, -1)
          .map((line) => decodeJson(line) as { n: unknown; cell: unknown });
        assert.deepEqual(
          lines.map((line) => encodeJson([line.n, line.cell])),
          sequential.map(encodeJson),
        );

        const verified = verifyResults(join(report.folder, 'results.csv'), undefined);
        assert.ok(verified.ok && verified.value.kind === 'held-against', JSON.stringify(verified));
        assert.equal(verified.value.difference, undefined);

        const keys = new Map(story.given.map((folder) => [folder, it.shuffle.next().value]));
        const others = story.given.toSorted((a, b) => Number(keys.get(a)) - Number(keys.get(b)));
        const again = await mergeWhole(story.campaign, [...others, ...others.slice(0, 1)], {
          formats,
          windowBytes: 1 << 20,
        });
        assert.deepEqual(filesIn(again.folder), files);
        rmSync(home, { recursive: true });
      }),
      { numRuns: 50, includeErrorInReport: true },
    );
  });
});

/** A whole that was merged, of jobs 0 to 29. */
async function mergedResults(
  ...layout: readonly string[]
): Promise<{ readonly path: string; readonly lines: readonly string[] }> {
  const home = emptyFolder();
  const jobs = Array.from({ length: 30 }, (_, n) => String(n));
  const campaign = await prepareCampaign(home, experimentOf(jobs), undefined, ...layout);
  const said = jobs.map((_, job): Said => ({ job, rows: rowsOf(job), startedAtMs: job }));
  const text = journalLines(campaign, 'all', [{ startedAtMs: 1, lines: chunk(said, 4) }]);
  const { folder } = await mergeWhole(campaign, [writeJournal(campaign, 'all', text)]);
  const path = join(folder, 'results.csv');
  return { path, lines: splitRows(readFileSync(path, 'utf8')) };
}

/** The job that each row belongs to, in the order of the file. */
const jobOfRow = Array.from({ length: 30 }, (_, job) => rowsOf(job).map(() => job)).flat();

function firstDifference(path: string, text: string): number | undefined | 'none' {
  writeFileSync(path, text);
  const verified = verifyResults(path, undefined);
  assert.ok(verified.ok && verified.value.kind === 'held-against');
  return verified.value.difference === undefined ? 'none' : verified.value.difference.job;
}

describe('verify', () => {
  for (const layout of [[], ['results.include_job_id=no']]) {
    it(`names the first job that a change of results.csv touches (${layout[0] ?? 'usual columns'})`, async () => {
      const { path, lines } = await mergedResults(...layout);
      const [header = '', ...rows] = lines;
      assert.equal(rows.length, jobOfRow.length);
      const check = (changed: readonly string[]): ReturnType<typeof firstDifference> =>
        firstDifference(path, [header, ...changed].join(''));
      assert.equal(check(rows), 'none');
      const hasId = layout.length === 0;
      for (const [at, row] of rows.entries()) {
        const job = jobOfRow[at] ?? -1;
        const edited = row.replace(/,(\d[^,]*),([^,]*)\n$/, ',9$1,$2\n');
        if (edited !== row) assert.equal(check(rows.with(at, edited)), job);
        // Without the index a row that is gone shows where the next one does not fit.
        const [gone, doubled] = [check(rows.toSpliced(at, 1)), check(rows.toSpliced(at, 0, row))];
        if (hasId) assert.equal(gone, job);
        else assert.ok(typeof gone === 'number' && gone >= job && gone <= job + 2, `${gone} for ${job}`);
        if (hasId) assert.ok(doubled === job, `${doubled} for ${job}`);
        else assert.notEqual(doubled, 'none');
      }
      assert.notEqual(check(rows.slice(0, -1)), 'none');
      assert.equal(check([...rows, rows[0] ?? '']), hasId ? 0 : undefined);
    });
  }

  it('minds cells, not how they are quoted, and neither meta columns, line ends, BOM nor header', async () => {
    const { path, lines } = await mergedResults();
    const text = lines.join('');
    assert.equal(firstDifference(path, `\uFEFF${text}`), 'none');
    assert.equal(firstDifference(path, text.replace(/^.*?\n/, 'a,b,c,d,e,f\n')), 'none');
    assert.equal(firstDifference(path, text.replaceAll(/\n(?=\d{4}-)/g, '\r\n').replace(/\n$/, '\r\n')), 'none');
    assert.equal(firstDifference(path, text.replaceAll('1970-01-01', '1999-12-31')), 'none');
    assert.equal(firstDifference(path, text.replaceAll(/,plain\n/g, ',"plain"\n')), 'none');
    assert.equal(firstDifference(path, text.slice(0, -1)), 'none');
    assert.notEqual(firstDifference(path, text.replace(',plain\n', ',"plain\n')), 'none');
    assert.equal(firstDifference(path, ''), 0);
  });

  it('a proof that was changed is no proof, whatever was changed in it', async () => {
    const { path } = await mergedResults();
    const proofPath = path.replace('results.csv', 'proof.json');
    const text = readFileSync(proofPath, 'utf8');
    const isAccepted = (changed: string): boolean => {
      writeFileSync(proofPath, changed);
      const verified = verifyResults(path, proofPath);
      return verified.ok && verified.value.kind === 'held-against' && verified.value.difference === undefined;
    };
    assert.ok(isAccepted(text));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('0', '1', 'A', '}', '"'), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        // Spaces between members say nothing.
        fc.pre(changed !== text && text[at] !== ' ' && text[at] !== '\n');
        assert.equal(isAccepted(changed), false, text.slice(at - 40, at + 40));
      }),
      { numRuns: 400 },
    );
    const value = JSON.parse(text);
    for (const changed of [
      [],
      {},
      7,
      null,
      { ...value, ranges: [] },
      { ...value, version: 2 },
      { ...value, jobs: 1 },
    ]) {
      assert.equal(isAccepted(JSON.stringify(changed)), false);
    }
    assert.equal(isAccepted(text.slice(0, -20)), false);
  });
});

/** Rows that begin with a run's start time. */
function splitRows(text: string): readonly string[] {
  return text.split(/(?<=\n)(?=\d{4}-)/);
}
