import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { emptyFolder, fixtureExecutable, readSummary, type Started, start } from '../fixtures/executable.ts';

const yes = ['--machine', 'N/A', '--yes', '--cores', '2'];

const notLinux = process.platform === 'linux' ? false : 'only Linux tells';

describe('stopping, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  /** A run of short jobs, once the first of them is in the results. */
  async function startSlow(folder: string, words: readonly string[] = []): Promise<Started> {
    const notes = join(folder, 'notes');
    // One core: the run must outlast the start of the second program, also on a busy machine.
    const run = start(program, [...yes, '--cores', '1', ...words], folder, { FIXTURE: 'slow', NOTES: notes });
    while (!existsSync(notes)) await wait(10);
    return run;
  }

  it('stop lets running jobs finish: exit 5, and the next start goes on', async () => {
    const folder = emptyFolder();
    const run = await startSlow(folder);
    const stop = await start(program, ['stop'], folder).ended;
    assert.equal(stop.code, 0, stop.stderr);
    assert.match(stop.stderr, new RegExp(`fixture\\.all: process ${run.pid} on .* (starts nothing new|has stopped)`));
    const { code, stderr } = await run.ended;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /left \(start again to go on\)/);
    assert.doesNotMatch(stderr, /again = stop now/);
    assert.ok(!existsSync(join(folder, 'fixture.all', 'stop.json')));
    // A stale request stops nothing.
    writeFileSync(join(folder, 'fixture.all', 'stop.json'), '{ "host": "x", "pid": 1, "how": "now" }');
    const rest = await start(program, yes, folder, { FIXTURE: 'slow' }).ended;
    assert.equal(rest.code, 0, rest.stderr);
    assert.equal(readSummary(join(folder, 'fixture.all')).jobs.done, 60);
  });

  it('stop --now FOLDER ends a busy loop, and waits for the end; no attempt is lost', async () => {
    const folder = emptyFolder();
    const words = [...yes, '-o', 'run.grace=200ms', '-o', 'run.retries=0'];
    const run = start(program, words, folder, {
      FIXTURE: 'growing',
      POOL: 'slow1,slow2,slow3',
      NOTES: join(folder, 'notes'),
    });
    while (!existsSync(join(folder, 'notes'))) await wait(10);
    const stop = await start(program, ['stop', join(folder, 'fixture.all'), '--now'], folder).ended;
    assert.equal(stop.code, 0, stop.stderr);
    assert.match(stop.stderr, /has stopped/);
    const { code, stderr } = await run.ended;
    assert.equal(code, 5, stderr);
    assert.equal(readSummary(join(folder, 'fixture.all')).jobs.failed, 0);
  });

  it('says so where nothing runs, and where there is no folder', async () => {
    const folder = emptyFolder();
    const nothing = await start(program, ['stop'], folder).ended;
    assert.equal(nothing.code, 0);
    assert.match(nothing.stderr, /Nothing is running in/);
    assert.deepEqual(readdirSync(folder), []);
    const missing = await start(program, ['stop', 'nowhere'], folder).ended;
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /There is no folder/);
  });

  it('SIGINT, then SIGTERM stops at once: exit 143; --fresh leaves a running folder alone', async () => {
    const folder = emptyFolder();
    const words = [...yes, '-o', 'run.grace=0s', '-o', 'run.retries=0'];
    const notes = join(folder, 'notes');
    const run = start(program, words, folder, { FIXTURE: 'growing', POOL: 'slower1,slower2,c', NOTES: notes });
    // Until one of the two long jobs runs: with the short one alone the run would be over at once.
    while (!existsSync(notes) || !/^[01]$/m.test(readFileSync(notes, 'utf8'))) await wait(10);
    run.kill('SIGINT');
    const fresh = await start(program, [...yes, '--fresh'], folder, { FIXTURE: 'slow' }).ended;
    assert.equal(fresh.code, 7, fresh.stderr);
    assert.match(fresh.stderr, new RegExp(`process ${run.pid}`));
    run.kill('SIGTERM');
    const { code, stderr } = await run.ended;
    assert.equal(code, 143, stderr);
    assert.match(stderr, /waiting for \d jobs?.*; again = stop now/);
    assert.equal(readSummary(join(folder, 'fixture.all')).jobs.failed, 0);
  });

  it('--out takes no folder in which the executable or the three files lie: --fresh would move all of it aside', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'thesis.txt'), '');
    for (const [out, why] of [
      ['.', /--out \. is a folder with other things in it/],
      ['..', /--out \.\. is a folder with other things in it/],
      [dirname(program), /is a folder with other things in it: the run needs one of its own/],
      ['', /--out is given no name/],
      [
        'thesis.txt',
        /--out thesis\.txt is a file: the run needs a folder of its own\n {2}name one that is not there yet/,
      ],
      [join('thesis.txt', 'x'), /thesis\.txt\/x cannot be made: a part of the path is no folder \(ENOTDIR\)/],
    ] as const) {
      const { code, stderr } = await start(program, [...yes, '--fresh', '--out', out], folder, { FIXTURE: 'slow' })
        .ended;
      assert.equal(code, 2, stderr);
      assert.match(stderr, why);
    }
    assert.ok(existsSync(join(folder, 'thesis.txt')));
    const words = [...yes, '--fresh', '--out', join('..', basename(folder), 'results')];
    assert.equal((await start(program, words, folder, { FIXTURE: 'sum', REPLICATES: '1' }).ended).code, 0);
    assert.ok(existsSync(join(folder, 'results', 'results.csv')));
  });

  it('a reduce that throws: nothing is lost, and it is told again until it is mended', async () => {
    const folder = emptyFolder();
    const environment = { FIXTURE: 'sum', REPLICATES: '2' };
    for (let times = 0; times < 2; times++) {
      const { code, stderr } = await start(program, yes, folder, { ...environment, REDUCE_FAILS: 'yes' }).ended;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /6 done, 0 failed/);
      assert.match(stderr, /reduce failed at the rows of job 0: Error: in reduce \(at .*all\.ts:\d+/);
      assert.match(stderr, /mend reduce, start again: no job runs again/);
    }
    const mended = await start(program, yes, folder, environment).ended;
    assert.equal(mended.code, 0, mended.stderr);
    assert.ok(Number(readSummary(join(folder, 'fixture.all')).reduced) > 0);
  });

  it('--until starts nothing that would not be finished: exit 5, the instant is said', async () => {
    const folder = emptyFolder();
    const { code, stderr } = await start(program, [...yes, '--until', '+1s'], folder, { FIXTURE: 'slow' }).ended;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /Until +\d\d:\d\d \(UTC\+00:00\), \d{4}-.*Z, in 1 s/);
    assert.match(stderr, /Stopped early: .*--until/);
    const wrong = await start(program, [...yes, '--until', 'tomorrow'], folder, { FIXTURE: 'slow' }).ended;
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /07:30.*\+6h/);
  });

  const samples = (): readonly string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith('job-splitter-sample-'));

  it('--sample prints rows and expected times, and leaves nothing behind', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2], "lab2": [2, 4] }');
    const before = samples();
    const { code, stdout, stderr } = await start(program, ['--sample', '3', '--cores', '2'], folder, {
      FIXTURE: 'growing',
      POOL: 'a,b,c,d,e,f',
    }).ended;
    assert.equal(code, 0, stderr);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    assert.match(header ?? '', /Job ID,name,value$/);
    assert.deepEqual(
      rows.map((row) => row.split(',').slice(3, 5).join()),
      ['1,b', '3,d', '5,f'],
    );
    assert.match(stderr, /median .* s, longest .* s/);
    assert.match(stderr, /lab2 +4|lab2 +5/);
    assert.match(stderr, /setup runs/);
    assert.doesNotMatch(stderr, /handed out|teardown/);
    assert.deepEqual(samples(), before);
    assert.deepEqual(readdirSync(folder).sort(), ['header.csv', 'machines.json', 'runner.config']);
    const bad = await start(program, ['--sample', '3'], folder, { FIXTURE: 'growing', POOL: 'a,bad,c' }).ended;
    assert.equal(bad.code, 3, bad.stderr);
  });

  it('--sample says how much memory one worker needs, programs it starts included', { skip: notLinux }, async () => {
    const mebibytes: number[] = [];
    for (const hunger of ['1', '200']) {
      const folder = emptyFolder();
      const { code, stderr } = await start(program, ['--sample', '2', '--cores', '3'], folder, {
        FIXTURE: 'hungry',
        HUNGER: hunger,
        PATH: '/usr/bin:/bin',
      }).ended;
      assert.equal(code, 0, stderr);
      const line =
        /^Memory +at most (\d+) MiB in one worker, so up to [\d.]+ [MG]iB in 3; this machine has [\d.]+ GiB$/m;
      const [, most] = line.exec(stderr) ?? [];
      assert.ok(most !== undefined, stderr);
      mebibytes.push(Number(most));
    }
    const [little = 0, much = 0] = mebibytes;
    assert.ok(little > 30 && little < 200, `${little}`);
    assert.ok(much - little > 150 && much - little < 500, `${little}, ${much}`);
  });

  it('--sample leaves nothing behind at Ctrl-C either', async () => {
    const folder = emptyFolder();
    const before = samples();
    const notes = join(folder, 'notes');
    const run = start(program, ['--sample', '30', '--cores', '1'], folder, { FIXTURE: 'slow', NOTES: notes });
    while (!existsSync(notes)) await wait(10);
    run.kill('SIGINT');
    assert.equal((await run.ended).code, 5);
    assert.deepEqual(samples(), before);
  });
});
