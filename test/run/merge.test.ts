import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import type { AnyExperiment } from '../../src/experiment.ts';
import { verifyResults } from '../../src/run/verify.ts';
import { lockPath } from '../../src/runtime/run-folder.ts';
import { takeLock } from '../../src/runtime/run-lock.ts';
import {
  type Campaign,
  journalLines,
  merge,
  mergeWhole,
  prepareCampaign,
  type Said,
  type SessionOf,
  writeJournal,
} from '../fixtures/campaign.ts';
import { emptyFolder } from '../fixtures/executable.ts';

const experimentOf = (jobs: number, more: Partial<AnyExperiment> = {}): AnyExperiment => ({
  name: 'x',
  jobs: Array.from({ length: jobs }, (_, n) => [n]),
  columns: ['n'],
  job: () => 0,
  ...more,
});
const said = (job: number, value: unknown = job): Said => ({ job, rows: [[value]], startedAtMs: 100 + job });
const failedJob = (job: number): Said => ({ job, rows: undefined, startedAtMs: 100 + job });
const session = (lines: readonly Said[], more: Partial<SessionOf> = {}): SessionOf => ({
  ...{ startedAtMs: 1, lines: lines.map((it) => [it]), ...more },
});

function write(campaign: Campaign, machine: string, sessions: readonly SessionOf[], folder?: string): string {
  return writeJournal(campaign, machine, journalLines(campaign, machine, sessions), folder);
}

const valuesIn = (folder: string): string[] =>
  readFileSync(join(folder, 'results.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').slice(4).join());

describe('merge', () => {
  it('says that rows differ in width where no columns are named; not that jobs returned nothing', async () => {
    const experiment: AnyExperiment = { name: 'x', jobs: [[0], [1], [2]], job: () => 0 };
    const header = 'Run Start Time,Job Running Time,Job Start Time,Job ID,a,b\n';
    for (const [widths, notice, headerCsv] of [
      [[2, 0, 2], undefined, header],
      [[2, 0, 2], undefined, ''],
      [[2, 3, 1], /^rows have 1 to 3 values; some stand under a name that is not theirs/, ''],
      [[3, 3, 3], /^rows have 3 values, header\.csv names 2/, header],
      [[0, 2, 2], /^rows have 0 to 2 values/, ''],
    ] as const) {
      const home = emptyFolder();
      writeFileSync(join(home, 'header.csv'), headerCsv);
      const campaign = await prepareCampaign(home, experiment, '{ "lab1": [1, 1] }');
      const lines = widths.map((width, job) => ({ ...said(job), rows: [Array.from({ length: width }, () => job)] }));
      const { notices } = await mergeWhole(campaign, [write(campaign, 'lab1', [session(lines)])]);
      assert.equal(notices.length, notice === undefined ? 0 : 1, notices.join());
      if (notice !== undefined) assert.match(notices[0] ?? '', notice);
    }
  });

  it('rows of other columns are refused: the journal holds them by place; failures alone do no harm', async () => {
    const columns = ['b', 'a'];
    const campaign = await prepareCampaign(
      emptyFolder(),
      experimentOf(2, { columns: ['a', 'b'] }),
      '{ "lab1": [1, 1], "lab2": [1, 1] }',
    );
    const row = (job: number): Said => ({ ...said(job), rows: [[job, job]] });
    const given = (lines: readonly Said[], name: string): string[] => [
      write(campaign, 'lab1', [session([row(0)], { columns: ['a', 'b'] })], `${name}1`),
      write(campaign, 'lab2', [session(lines, { columns, code: 'e'.repeat(64) })], `${name}2`),
    ];
    const end = await merge(campaign, given([row(1)], 'other'));
    assert.ok(end.kind === 'mismatch', JSON.stringify(end));
    assert.match(
      end.diagnostics[0]?.message ?? '',
      /holds rows for the columns \["b","a"\]; the experiment now names \["a","b"\]/,
    );
    const { proof } = await mergeWhole(campaign, given([failedJob(1)], 'failed'));
    assert.deepEqual([proof.jobs.done, proof.jobs.failed], [1, 1]);
  });

  it('several plans of one experiment meet: missing jobs are those of the plan as it is now', async () => {
    const home = emptyFolder();
    const experiment = experimentOf(6);
    const old = await prepareCampaign(home, experiment, '{ "old": [1, 1], "lab1": [1, 1] }');
    const now = await prepareCampaign(home, experiment, '{ "lab1": [1, 1], "lab2": [3, 1] }');
    const given = [
      write(old, 'old', [session([0, 1, 2].map((job) => said(job)))]),
      write(now, 'lab2', [session([said(3), said(4)])]),
    ];
    const { proof, missing } = await mergeWhole(now, given);
    assert.deepEqual(Object.values(proof.plans), [1, 1]);
    assert.deepEqual([proof.jobs.done, proof.jobs.missing], [5, 1]);
    assert.deepEqual(missing[0]?.first, [[5, 5]]);
    assert.ok(['lab1', 'lab2'].includes(String(missing[0]?.machine)));
    assert.deepEqual(
      proof.machines.map(({ machine, done }) => [machine, done]),
      [
        ['lab2', 2],
        ['old', 3],
      ],
    );
  });

  it('what several machines have done counts for one of them; of the others it is known', async () => {
    const campaign = await prepareCampaign(emptyFolder(), experimentOf(3), '{ "lab1": [1, 1], "lab2": [1, 1] }');
    const first = write(campaign, 'lab1', [session([said(0), said(1), said(2)])]);
    const second = write(campaign, 'lab2', [session([0, 1].map((job) => ({ ...said(job), startedAtMs: 200 })))]);
    const { proof, equalOf } = await mergeWhole(campaign, [first, second]);
    assert.deepEqual(
      proof.machines.map(({ machine, done }) => [machine, done, equalOf.get(machine)]),
      [
        ['lab1', 3, undefined],
        ['lab2', 0, 2],
      ],
    );
  });

  it('a conflict of one machine with itself names the folders; who is believed is no machine then', async () => {
    const home = emptyFolder();
    const campaign = await prepareCampaign(home, experimentOf(2), '{ "lab1": [1, 1], "lab2": [1, 1] }');
    const both = ['a', 'b'].map((place, at) =>
      write(campaign, 'lab1', [session([said(0, at), said(1)], { startedAtMs: at })], join(place, 'x.lab1')),
    );
    const third = write(campaign, 'lab2', [session([said(1, 'other')])], join('b', 'x.lab2'));
    const complaints = async (given: readonly string[]): Promise<string> => {
      const end = await merge(campaign, given);
      assert.ok(end.kind === 'conflict', end.kind);
      return end.diagnostics.map(({ message, hint = '' }) => `${message}\n${hint}`).join('\n');
    };
    const within = await complaints(both);
    assert.match(
      within,
      /^job 0 has different results on lab1 \(a\/x\.lab1\) and on lab1 \(b\/x\.lab1\), of the same code\n/,
    );
    assert.match(within, /; leave out the folder that is wrong, or --on-conflict first takes/);
    assert.doesNotMatch(within, /MACHINE/);
    const between = await complaints([both[0] ?? '', third]);
    assert.match(
      between,
      /^job 1 has different results on lab1 and on lab2, of the same code\n.*--on-conflict MACHINE/,
    );
    const { proof } = await mergeWhole(campaign, both, { onConflict: { kind: 'first' } });
    // Where folders lie is nothing that is proved.
    assert.deepEqual(proof.conflicts.jobs, [{ job: 0, machines: ['lab1', 'lab1'] }]);
  });

  it('several codes: which rows came from which; the own result counts where they differ', async () => {
    const campaign = await prepareCampaign(emptyFolder(), experimentOf(3), undefined);
    const older = write(
      campaign,
      'all',
      [session([said(0, 'old'), said(1), said(2, 'old')], { code: 'd'.repeat(64) })],
      'older',
    );
    const newer = write(campaign, 'all', [session([said(0, 'new'), said(1)])]);
    const { proof, folder } = await mergeWhole(campaign, [older, newer]);
    assert.deepEqual(valuesIn(folder), ['new', '1', 'old']);
    // Of equal results the one that ended first is taken, or a machine's name decides: here all are of the same.
    assert.equal(
      Object.values(proof.codes).reduce((a, b) => a + b),
      3,
    );
    assert.equal(Object.keys(proof.codes).length, 2);
    assert.deepEqual([proof.checked.ofOtherCode, proof.conflicts.count, proof.complete], [1, 0, true]);
  });

  it('generations of one folder: what was retried since, also beside an older copy', async () => {
    const campaign = await prepareCampaign(emptyFolder(), experimentOf(3), undefined);
    const first = session([said(0), failedJob(1), failedJob(2)]);
    const older = write(campaign, 'all', [first], 'copy');
    const retried = session([said(1)], { startedAtMs: 2, retryFailed: true });
    const newer = write(campaign, 'all', [first, retried]);
    const alone = await mergeWhole(campaign, [newer]);
    assert.deepEqual({ ...alone.proof.jobs }, { total: 3, done: 2, failed: 0, missing: 1 });
    assert.deepEqual(
      alone.missing.map(({ machine, count }) => [String(machine), count]),
      [['all', 1]],
    );
    assert.equal(alone.missing[0]?.lastHeardMs, 103);
    const both = await mergeWhole(campaign, [newer, older]);
    assert.deepEqual({ ...both.proof.jobs }, { total: 3, done: 2, failed: 1, missing: 0 });
    assert.equal(both.proof.checked.copies, 1);
    assert.ok(existsSync(join(both.folder, 'failed.csv')));
    const complete = write(campaign, 'all', [
      first,
      session([said(1), said(2)], { startedAtMs: 2, retryFailed: true }),
    ]);
    assert.equal((await mergeWhole(campaign, [complete, older])).proof.complete, true);
    assert.ok(!existsSync(join(both.folder, 'failed.csv')));
  });

  it('rows of any width without names: in every format, and proved', async () => {
    const experiment: AnyExperiment = { name: 'x', jobs: [[0], [1], [2], [3]], job: () => 0 };
    const campaign = await prepareCampaign(emptyFolder(), experiment, undefined);
    const rows = [[[1, 'a']], [[]], [[null]], [[1, 2, [3]]]];
    const lines = rows.map((list, job) => ({ job, rows: list, startedAtMs: job }));
    const { folder } = await mergeWhole(campaign, [write(campaign, 'all', [session(lines)])], {
      formats: ['csv', 'jsonl', 'sqlite'],
    });
    assert.deepEqual(valuesIn(folder), ['1,a', ',', ',', '1,2,[3]']);
    const jsonl = readFileSync(join(folder, 'results.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      jsonl.map((line) => Object.entries(line).slice(4)),
      [
        [
          ['Result 1', 1],
          ['Result 2', 'a'],
        ],
        [],
        [['Result 1', null]],
        [
          ['Result 1', 1],
          ['Result 2', 2],
          ['Column 7', [3]],
        ],
      ],
    );
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(join(folder, 'results.sqlite'));
    const found = database.prepare('SELECT "Result 1" AS a, "Result 2" AS b, "Column 7" AS c FROM results').all();
    database.close();
    assert.deepEqual(
      found.map(({ a, b, c }) => [a, b, c]),
      [
        [1, 'a', null],
        [null, null, null],
        [null, null, null],
        [1, 2, '[3]'],
      ],
    );
    const verified = verifyResults(join(folder, 'results.csv'), undefined);
    assert.ok(verified.ok && verified.value.kind === 'held-against' && verified.value.difference === undefined);
  });

  it('a reduce that throws is named with its job; the results are there', async () => {
    const reduce = (sum: unknown, [n]: readonly unknown[]): unknown => {
      if (n === 2) throw new TypeError('cannot add');
      return Number(sum) + Number(n);
    };
    const campaign = await prepareCampaign(emptyFolder(), experimentOf(4, { reduce, reduceStart: 0 }), undefined);
    const report = await mergeWhole(campaign, [
      write(campaign, 'all', [session([0, 1, 2, 3].map((job) => said(job)))]),
    ]);
    assert.match(report.reduceProblem ?? '', /^reduce failed at the rows of job 2: .*cannot add/);
    assert.equal(report.summary.reduced, undefined);
    assert.ok(report.proof.complete);
  });

  it('a gzipped journal that was cut counts until there, and is named', async () => {
    const campaign = await prepareCampaign(emptyFolder(), experimentOf(400), undefined);
    const lines = journalLines(campaign, 'all', [
      session(Array.from({ length: 400 }, (_, job) => said(job, Math.sqrt(job)))),
    ]);
    const packed = gzipSync(lines.join(''));
    const path = join(campaign.home, 'all.jsonl.gz');
    writeFileSync(path, packed);
    assert.ok((await mergeWhole(campaign, [path])).proof.complete);
    const half = packed.subarray(0, packed.length / 2);
    writeFileSync(path, half);
    const { proof } = await mergeWhole(campaign, [path]);
    // Every whole line that is in it, but for the journal's and the session's.
    const text = gunzipSync(half, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    assert.equal(proof.jobs.done, text.split('\n').length - 3);
    assert.ok(proof.jobs.done > 50 && proof.jobs.missing > 50, JSON.stringify(proof.jobs));
    assert.match(proof.problems.join('\n'), /all\.jsonl\.gz: the compressed journal is damaged or cut/);
  });

  it('one merge at a time; what a killed one left is removed', async () => {
    const campaign = await prepareCampaign(emptyFolder(), experimentOf(1), undefined);
    const own = write(campaign, 'all', [session([said(0)])]);
    const folder = join(campaign.home, 'x.merged');
    mkdirSync(join(folder, '.merge-1'), { recursive: true });
    writeFileSync(join(folder, '.merge-1', 'outcomes'), '');
    const lock = takeLock(lockPath(folder));
    assert.ok(lock.ok);
    assert.equal((await merge(campaign, [own])).kind, 'locked');
    lock.release();
    assert.ok((await mergeWhole(campaign, [own])).proof.complete);
    assert.deepEqual(readdirSync(folder).sort(), ['proof.json', 'results.csv', 'summary.json']);
  });
});
