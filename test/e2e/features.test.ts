import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { emptyFolder, fixtureExecutable, readRows, readSummary, start } from '../fixtures/executable.ts';
import { settledJobsOf } from '../fixtures/settled-jobs.ts';

const everything = ['--machine', 'N/A', '--yes', '--cores', '2'];

describe('what a job can use, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  it('random, stream, Math.random, checkpoint, file, log, console, several rows', async () => {
    const folder = emptyFolder();
    const { code, stderr } = await start(program, everything, folder, { FIXTURE: 'features' }).ended;
    assert.equal(code, 0, stderr);
    const run = join(folder, 'fixture.all');
    const rows = readRows(join(run, 'results.csv')).map((row) => row.split(',').slice(3));
    assert.equal(rows.length, 8);
    // Common random numbers: `random` gives every job the same.
    assert.equal(new Set(rows.filter((_, at) => at % 2 === 0).map((row) => row[2])).size, 1);
    const ofJob2 = rows.filter(([job]) => job === '2');
    assert.match(ofJob2[0]?.slice(3).join(',') ?? '', /steps/);
    // The death costs an attempt only where the job was the first of its worker: before that it may be another's fault.
    assert.match(ofJob2[1]?.[3] ?? '', /^[12]$/);
    for (const job of [0, 1, 2, 3])
      assert.equal(readFileSync(join(run, 'files', String(job), 'data.txt'), 'utf8'), `of job ${job}`);
    const log = readFileSync(join(run, 'logs', 'run.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(log.some(({ msg, n, job }) => msg === 'logged' && n === 3 && job === 3));
    assert.ok(log.some(({ msg, stream }) => msg === '\u001b[2Jprinted' && stream === 'stdout'));
    // What jobs print never reaches the terminal as it is.
    assert.ok(!stderr.includes('\u001b[2J'));
  });

  it('an experiment may be an object of a class: what is called is called on it, here and in merge', async () => {
    const folder = emptyFolder();
    const environment = { FIXTURE: 'sweep' };
    const run = await start(program, everything, folder, environment).ended;
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout + run.stderr, /half of it is 3[\s\S]*factor 2/);
    const merge = await start(program, ['merge', 'fixture.all'], folder, environment).ended;
    assert.equal(merge.code, 0, merge.stderr);
    assert.deepEqual(
      [readSummary(join(folder, 'fixture.all')).reduced, readSummary(join(folder, 'fixture.merged')).reduced],
      [24, 24],
    );
  });

  it('speaks of one job as one, whatever is asked', async () => {
    const folder = emptyFolder();
    const environment = { FIXTURE: 'growing', POOL: 'a', NOTES: join(folder, 'notes') };
    for (const words of [
      ['plan'],
      [...everything, '--sample', '1'],
      everything,
      everything,
      ['plan', '--shares', '2'],
      ['status'],
      ['merge', 'fixture.all'],
      ['verify', join('fixture.merged', 'results.csv')],
      ['calibrate', '--jobs', '1', '--cores', '1'],
      ['simulate'],
      ['slurm', '--shares', '1', '--time', '1:00:00'],
      ['logs', 'fixture.all', '--job', '7'],
      ['run-job', '7'],
      ['report', 'fixture.all'],
    ]) {
      const { stdout, stderr } = await start(program, words, folder, environment).ended;
      assert.match(stdout + stderr, /./, words.join(' '));
      assert.doesNotMatch(
        stdout + stderr,
        /(?<![\d,.])1 (?:\w+ )?(?:jobs|rows|shares|workers)\b|Internal error/,
        words.join(' '),
      );
    }
    assert.doesNotMatch(readFileSync(join(folder, 'fixture.all', 'report.html'), 'utf8'), /[> ]1 (?:settled )?jobs\b/);
  });

  it('says what is wrong with a command line', async () => {
    for (const [words, what] of [
      [['mergee'], /There is no command "mergee"; is merge meant\?/],
      [['--machine', 'N/A'], /There is no terminal to ask on: add --yes\./],
      [[], /There is no terminal to ask on: say which machine this is with --machine NAME --yes/],
    ] as const) {
      const { code, stderr } = await start(program, words, emptyFolder(), { FIXTURE: 'sum' }).ended;
      assert.equal(code, 2);
      assert.match(stderr, what);
    }
  });

  it('halts when the first jobs all fail: exit 5, and says why', async () => {
    const folder = emptyFolder();
    const { code, stderr } = await start(program, [...everything, '-o', 'run.retries=0'], folder, { FIXTURE: 'doomed' })
      .ended;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /Stopped early: the first 20 jobs all failed/);
  });

  it('a job that takes all memory fails alone, as a memory death', async () => {
    const folder = emptyFolder();
    const flags = ['-o', 'run.memory_limit=64M', '-o', 'run.crash_limit=1'];
    const { code, stderr } = await start(program, [...everything, ...flags], folder, { FIXTURE: 'greedy' }).ended;
    assert.equal(code, 3, stderr);
    const [failed, ...more] = readRows(join(folder, 'fixture.all', 'failed.csv'));
    assert.match(failed ?? '', /large.*,1,memory,.*out of memory/);
    assert.deepEqual(more, []);
    assert.match(readRows(join(folder, 'fixture.all', 'results.csv')).join(), /,small$/);
  });

  it('without columns: rows that differ in width are told at once, at the end and in the log; objects fail', async () => {
    const one = async (pool: string, code: number): Promise<{ stderr: string; run: string }> => {
      const folder = emptyFolder();
      const ended = await start(program, everything, folder, { FIXTURE: 'unnamed', POOL: pool }).ended;
      assert.equal(ended.code, code, ended.stderr);
      return { stderr: ended.stderr, run: join(folder, 'fixture.all') };
    };
    assert.doesNotMatch((await one('2 2,2  2', 0)).stderr, /warning/);
    for (const pool of ['2 3', '2,3', '3,2,3']) {
      const { stderr, run } = await one(pool, 0);
      assert.equal(stderr.match(/warning: .*results\.csv: rows have 2 to 3 values/g)?.length, 2, stderr);
      assert.match(readFileSync(join(run, 'logs', 'run.log'), 'utf8'), /rows have 2 to 3 values; some stand under/);
    }
    const { stderr, run } = await one('2 {}', 3);
    assert.match(stderr, /result is an object, .* add to the experiment: columns: \['size', 'energy'\],/);
    assert.match(readRows(join(run, 'failed.csv')).join(), /^1,.*,all,1,unstorable,/);
  });

  it('uses a renamed header as it stands, and the columns that are on', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'header.csv'), 'when,who,s,r,v\n');
    const off = ['start_time', 'job_interval', 'job_id'].flatMap((name) => ['-o', `results.include_${name}=no`]);
    const flags = [...off, '-o', 'results.include_machine=yes', '-o', 'results.timestamps=unix'];
    const { code, stderr } = await start(program, [...everything, ...flags], folder).ended;
    assert.equal(code, 0, stderr);
    const text = readFileSync(join(folder, 'fixture.all', 'results.csv'), 'utf8');
    assert.match(text, /^when,who,s,r,v\n\d+(\.\d+)?,all,[\d.]+,\d+,[\d.e-]+\n/);
    const refused = await start(program, everything, folder).ended;
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /header\.csv:1: the header has 5 columns, the results have 7/);
  });

  it('a second signal stops a busy loop within the grace time: exit 130, nothing charged', async () => {
    const folder = emptyFolder();
    const run = start(program, [...everything, '-o', 'run.grace=300ms', '-o', 'run.retries=0'], folder, {
      FIXTURE: 'trouble',
    });
    const journal = join(folder, 'fixture.all', 'journal.jsonl');
    while (settledJobsOf(journal).length < 4) await wait(20);
    run.kill('SIGINT');
    await wait(100);
    run.kill('SIGINT');
    const { code, stderr } = await run.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /waiting for 1 job.*; again = stop now/);
    assert.match(stderr, /1 left/);
    assert.ok(!settledJobsOf(journal).includes(4));
  });
});
