import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { checkpointPath } from '../../src/runtime/run-folder.ts';
import { openCheckpoint } from '../../src/runtime/worker/checkpoint.ts';
import { type Ended, emptyFolder, fixtureExecutable, readSummary, start } from '../fixtures/executable.ts';
import {
  editJournal,
  forgetOutcomes,
  pretendOtherCode,
  ranIn,
  resultOf,
  rowsOf,
  runGrowing,
} from '../fixtures/growing.ts';
import { settledJobsOf } from '../fixtures/settled-jobs.ts';

const seed = ['-o', 'random.seed=fixed'];

describe('what is rare when a run goes on, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  const run = (
    folder: string,
    pool: string,
    words: readonly string[] = [],
    more: Record<string, string> = {},
  ): Promise<Ended> => runGrowing(program, folder, pool, words, more);

  it('jobs that left files keep their index: new ones go behind them; else refused, nothing touched', async () => {
    const folder = emptyFolder();
    const files = join(folder, 'fixture.all', 'files');
    const fileOf = (job: number): string => readFileSync(join(files, String(job), 'data.txt'), 'utf8');
    assert.equal((await run(folder, 'file1,b,file2', seed)).code, 0);
    assert.deepEqual([fileOf(0), fileOf(2), readdirSync(files).length], ['of file1', 'of file2', 2]);
    const journal = readFileSync(join(folder, 'fixture.all', 'journal.jsonl'), 'utf8');
    for (const pool of ['file3,file1,b,file2', 'b,file2', 'file2,b,file1']) {
      const refused = await run(folder, pool, seed);
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, /files of jobs whose index in the pool has changed\n.*behind the old ones; --fresh/);
      assert.deepEqual(ranIn(folder), []);
      assert.equal(readFileSync(join(folder, 'fixture.all', 'journal.jsonl'), 'utf8'), journal);
    }
    const grown = await run(folder, 'file1,b,file2,file3', seed);
    assert.equal(grown.code, 0, grown.stderr);
    assert.deepEqual(ranIn(folder), [3]);
    assert.deepEqual([fileOf(0), fileOf(2), fileOf(3)], ['of file1', 'of file2', 'of file3']);
  });

  it('without files the same change of the pool goes on', async () => {
    const folder = emptyFolder();
    assert.equal((await run(folder, 'a,b', seed)).code, 0);
    const moved = await run(folder, 'c,b,a', seed);
    assert.equal(moved.code, 0, moved.stderr);
    assert.deepEqual(ranIn(folder), [0]);
  });

  it('checkpoints: new code goes on from them with --accept-code, --rerun-older-code drops the older ones', async () => {
    for (const [flag, result] of [
      ['--accept-code', '7'],
      ['--rerun-older-code', '-1'],
    ] as const) {
      const folder = emptyFolder();
      assert.equal((await run(folder, 'a,saved')).code, 0);
      forgetOutcomes(folder);
      pretendOtherCode(folder);
      const path = checkpointPath(join(folder, 'fixture.all'), '["saved"]');
      openCheckpoint(path, assert.fail).save(7);
      const resumed = await run(folder, 'a,saved', [flag]);
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.equal(resultOf(rowsOf(folder), 'saved'), result, flag);
    }
  });

  it('--rerun-older-code keeps the checkpoints that this code has written', async () => {
    const folder = emptyFolder();
    assert.equal((await run(folder, 'a,saved')).code, 0);
    forgetOutcomes(folder);
    const path = checkpointPath(join(folder, 'fixture.all'), '["saved"]');
    openCheckpoint(path, assert.fail).save(7);
    const resumed = await run(folder, 'a,saved', ['--rerun-older-code']);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(resultOf(rowsOf(folder), 'saved'), '7');
  });

  it('what onResult throws is told three times and counted, what teardown throws ends with exit 2 until it is mended; no result is lost', async () => {
    const folder = emptyFolder();
    const { code, stderr } = await run(folder, 'a,b,c,d,e', [], { CLUMSY: '1' });
    assert.equal(code, 2, stderr);
    assert.equal(
      stderr.match(/warning: onResult failed: TypeError: cannot use [a-e] \(at onResult .*all\.ts:\d+:\d+\)\)\n/g)
        ?.length,
      3,
      stderr,
    );
    assert.match(stderr, /onResult failed 5 times in all/);
    assert.match(stderr, /^teardown failed: RangeError: cannot end\n.*all\.ts:\d+/m);
    assert.doesNotMatch(stderr, /src\/run/);
    assert.doesNotMatch(stderr, /callUserCode|run-and-tell|commander/);
    assert.equal(rowsOf(folder).length, 5);
    const { jobs, reduced } = readSummary(join(folder, 'fixture.all'));
    assert.deepEqual([jobs.done, reduced], [5, ['a', 'b', 'c', 'd', 'e']]);
    assert.match(stderr, /mend teardown, start again: no job runs again/);
    const again = await run(folder, 'a,b,c,d,e', [], { CLUMSY: '1' });
    assert.equal(again.code, 2, again.stderr);
    assert.match(again.stderr, /^teardown failed: RangeError: cannot end\n/m);
    const mended = await run(folder, 'a,b,c,d,e');
    assert.equal(mended.code, 0, mended.stderr);
    assert.match(mended.stderr, /teardown with 5/);
    const finished = await run(folder, 'a,b,c,d,e', [], { CLUMSY: '1' });
    assert.equal(finished.code, 0, finished.stderr);
    for (const { stderr: later } of [again, mended, finished]) assert.doesNotMatch(later, /handed out/);
    assert.doesNotMatch(finished.stderr, /teardown/);
  });

  it('merges the folders of machines whose pool grew: each job once, at its new place', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2], "lab2": [1, 2] }');
    const names = ['lab1', 'lab2'];
    const [small, large] = ['a,b,c,d', 'x,a,b,a,c,d,y,z'];
    const share = async (machine: string, pool: string): Promise<Ended> => {
      const ended = await run(folder, pool, ['--machine', machine, ...seed]);
      assert.equal(ended.code, 0, ended.stderr);
      return ended;
    };
    const merge = (pool: string): Promise<Ended> =>
      start(program, ['merge', ...names.map((name) => `fixture.${name}`), ...seed], folder, {
        FIXTURE: 'growing',
        POOL: pool,
      }).ended;
    for (const name of names) await share(name, small);
    const first = await merge(small);
    assert.equal(first.code, 0, first.stderr);
    const before = rowsOf(folder, 'merged');
    await share('lab1', large);
    const early = await merge(large);
    assert.equal(early.code, 6, early.stderr);
    assert.match(early.stderr, /Missing +1 job of lab[12]: 0\n/);
    await share('lab2', large);
    const last = await merge(large);
    assert.equal(last.code, 0, last.stderr);
    const rows = rowsOf(folder, 'merged');
    assert.deepEqual(
      rows.map((row) => row.split(',').slice(0, 2).join()),
      large.split(',').map((name, job) => `${job},${name}`),
    );
    for (const name of small.split(',')) assert.equal(resultOf(rows, name), resultOf(before, name));
    assert.deepEqual(readSummary(join(folder, 'fixture.merged')).reduced, large.split(','));
  });

  it('plan knows how far a machine is, also when its pool has grown', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2], "lab2": [2, 1] }');
    const plan = async (pool: string, ...words: string[]): Promise<string> => {
      const environment = { FIXTURE: 'growing', POOL: pool };
      const { code, stdout, stderr } = await start(program, ['plan', ...seed, ...words], folder, environment).ended;
      assert.equal(code, 0, stderr);
      return stdout;
    };
    // Only the machines' lines: a digest may hold the word "about".
    const untold = /^lab.*(about|settled)/m;
    assert.doesNotMatch(await plan('a,b,c,d'), untold);
    assert.equal((await run(folder, 'a,b,c,d', ['--machine', 'lab1', ...seed])).code, 0);
    assert.match(await plan('a,b,c,d'), /^lab1 .* 2 jobs +2 settled +finished\nlab2 .* 2 jobs +about 0 s, until/m);
    const larger = 'x,a,b,c,d,e,f,g';
    const settled = new Set(settledJobsOf(join(folder, 'fixture.lab1', 'journal.jsonl')));
    const done = JSON.parse(await plan(larger, '--json')).machines[0].jobs.done;
    assert.ok(done <= settled.size);
    const grown = await plan(larger);
    assert.match(grown, /^lab1 .* 4 jobs .*about 0 s, until.*\nlab2 .* 4 jobs +about 0 s, until/m);
    assert.doesNotMatch(await plan('a,b,c,d', '-o', 'random.seed=other'), untold);
  });

  it('a lock of another host: exit 7 with how long to wait and what to delete; both ways lead on', async () => {
    const folder = emptyFolder();
    const lock = join(folder, 'fixture.all', 'lock.json');
    mkdirSync(join(folder, 'fixture.all'));
    for (const way of ['wait', 'delete']) {
      writeFileSync(lock, JSON.stringify({ host: 'elsewhere', pid: 77, token: way }));
      const refused = await run(folder, 'a,b,c');
      assert.equal(refused.code, 7, refused.stderr);
      assert.match(refused.stderr, /being computed already, on elsewhere by process 77/);
      const [, seconds, path] =
        /after 120 s.*\n.*start again in (\d+) s; .* delete (.*) and/.exec(refused.stderr) ?? [];
      assert.ok(Number(seconds) > 60 && Number(seconds) <= 120, refused.stderr);
      assert.equal(path, lock);
      const longAgo = new Date(Date.now() - 1_000 * Number(seconds) - 1_000);
      if (way === 'wait') utimesSync(lock, longAgo, longAgo);
      else rmSync(lock);
      const next = await run(folder, 'a,b,c');
      assert.equal(next.code, 0, next.stderr);
    }
  });

  it('a journal of a version that did not record the plan: goes on, and refuses what it cannot know', async () => {
    const folder = emptyFolder();
    const lab1 = ['--machine', 'lab1', ...seed];
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2], "lab2": [1, 2] }');
    writeFileSync(join(folder, 'runner.config'), '[model]\nsweeps = 1\n');
    assert.equal((await run(folder, 'a,b,c,d', lab1)).code, 0);
    editJournal(join(folder, 'fixture.lab1'), ({ plan: _plan, ...body }) => body);
    const journal = readFileSync(join(folder, 'fixture.lab1', 'journal.jsonl'), 'utf8');
    assert.doesNotMatch(journal, /"plan":/);
    const same = await run(folder, 'a,b,c,d', lab1);
    assert.match(same.stderr, /Finished already/);
    const refusals: readonly [words: readonly string[], pool: string, message: RegExp][] = [
      [['-o', 'model.sweeps=2'], 'a,b,c,d', /its jobs or settings differ, or the seed \(an earlier version wrote it/],
      [[], 'a,b,c,d,e', /its jobs or settings differ, or the seed \(an earlier version wrote it/],
      [['-o', 'run.order=given'], 'a,b,c,d', /under another plan: machines\.json or \[run\] order changed/],
    ];
    for (const [words, pool, message] of refusals) {
      const refused = await run(folder, pool, [...lab1, ...words]);
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, message);
      assert.match(refused.stderr, /--fresh.*--out/);
    }
    assert.equal(readFileSync(join(folder, 'fixture.lab1', 'journal.jsonl'), 'utf8'), journal);
  });
});
