import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Ended, emptyFolder, fixtureExecutable, readRows, start } from '../fixtures/executable.ts';

const everything = ['--machine', 'N/A', '--yes', '--cores', '2'];

describe('run-job, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  const run = (folder: string, words: readonly string[], fixture: Record<string, string>): Promise<Ended> =>
    start(program, words, folder, fixture).ended;

  it('the same arguments and random numbers, by index and by identity; the same row as recorded', async () => {
    const folder = emptyFolder();
    const nowhere = await run(folder, ['run-job', '7'], { FIXTURE: 'sum' });
    assert.equal(nowhere.code, 0, nowhere.stderr);
    assert.match(nowhere.stderr, /Recorded +nowhere/);
    assert.equal((await run(folder, everything, { FIXTURE: 'sum' })).code, 0);
    const row = readRows(join(folder, 'fixture.all', 'results.csv')).find((it) => it.split(',')[3] === '7');
    const recorded = row?.split(',').slice(4).join(',');
    for (const named of ['7', '[0.1,7]', ' [ 1e-1, 7.0 ] ']) {
      const replayed = await run(folder, ['run-job', named], { FIXTURE: 'sum' });
      assert.equal(replayed.code, 0, replayed.stderr);
      assert.equal(replayed.stdout, `scale,replicate,value\n${recorded}\n`);
      assert.match(replayed.stderr, /Recorded +the same, bit for bit, in .*fixture\.all/);
    }
    assert.equal(nowhere.stdout, `scale,replicate,value\n${recorded}\n`);
    for (const [named, problem] of [
      ['300', /there is no job 300/],
      ['[0.1]', /no job has the arguments/],
      ['seven', /names no job/],
      ['[0.1,7]#1', /no job has/],
    ] as const) {
      const refused = await run(folder, ['run-job', named], { FIXTURE: 'sum' });
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, problem);
    }
  });

  it('says that the row differs where the job is not deterministic', async () => {
    const folder = emptyFolder();
    const pool = { FIXTURE: 'growing', POOL: 'a,a,bad' };
    writeFileSync(join(folder, 'runner.config'), '[run]\nretries = 0\n');
    assert.equal((await run(folder, everything, pool)).code, 3);
    // The second of equal jobs; and one that fails as it did.
    const second = await run(folder, ['run-job', '["a"]#1'], pool);
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stderr, /Job +1, [\s\S]*the same, bit for bit/);
    const failing = await run(folder, ['run-job', '2'], pool);
    assert.equal(failing.code, 3, failing.stderr);
    assert.match(
      failing.stderr,
      /Failed +error: .*bad is bad\n +at .*all\.ts:[\d:)]+\nRecorded +the same, bit for bit/,
    );
    const mended = await run(folder, ['run-job', '2'], { ...pool, MENDED: '1' });
    assert.equal(mended.code, 6, mended.stderr);
    assert.match(mended.stderr, /NOT the same.*\n +recorded +failed \(error\): .*bad is bad\n +here +\[\["bad",/);
  });

  it('gives files, log and progress; leaves nothing else behind; --attempt tells the job which attempt it is', async () => {
    const folder = emptyFolder();
    const replayed = await run(folder, ['run-job', '3', '--attempt', '5'], { FIXTURE: 'features' });
    assert.equal(replayed.code, 0, replayed.stderr);
    assert.match(replayed.stdout, /3,3,5$/m);
    // What it prints is no data, and does nothing to a terminal.
    assert.match(replayed.stderr, /\\x1b\[2Jprinted/);
    assert.ok(!(replayed.stdout + replayed.stderr).includes('\u001b'));
    assert.match(replayed.stderr, /^info {2}logged attempt=5 n=3$/m);
    const [, files = ''] = /Files +(.*)/.exec(replayed.stderr) ?? [];
    assert.equal(readFileSync(join(files, 'data.txt'), 'utf8'), 'of job 3');
  });

  it('waits for a debugger', async () => {
    const run = start(program, ['run-job', '1', '--inspect', '0'], emptyFolder(), { FIXTURE: 'sum' });
    while (!run.heard().includes('Debugger listening on ws://127.0.0.1:')) await wait(20);
    assert.doesNotMatch(run.heard(), /Took/);
    run.kill('SIGKILL');
    await run.ended;
  });
});
