import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { copyFolder, emptyFolder, fixtureExecutable, readRows, readSummary, start } from '../fixtures/executable.ts';
import { ranIn, runGrowing } from '../fixtures/growing.ts';
import { until } from '../fixtures/processes.ts';
import { settledJobsOf } from '../fixtures/settled-jobs.ts';

const everything = ['--machine', 'N/A', '--yes'];

/** Whether a process works in a folder (Linux). */
function hasFolder(pid: string, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
}

describe('the main job, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  it('runs all jobs in an empty folder with an empty PATH', async () => {
    const folder = emptyFolder();
    const init = await start(program, ['init'], folder).ended;
    assert.equal(init.code, 0, init.stderr);
    const run = await start(program, everything, folder).ended;
    assert.equal(run.code, 0, run.stderr);
    const rows = readRows(join(folder, 'fixture.all', 'results.csv'));
    assert.equal(rows.length, 300);
    assert.equal(new Set(rows.map((row) => row.split(',')[3])).size, 300);
    assert.deepEqual(readSummary(join(folder, 'fixture.all')).jobs, { total: 300, done: 300, failed: 0, retried: 0 });
  });

  it('tests itself, and leaves nothing behind', async () => {
    const folder = emptyFolder();
    const run = await start(program, ['--self-test'], folder, { TMPDIR: folder }).ended;
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /2,000 jobs in 2 workers, every result as it must be/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('workers that started while the plan was made end with a refusal', async () => {
    const folder = emptyFolder();
    await start(program, ['init'], folder).ended;
    const words = [...everything, '--cores', '3', '--expect', '0'.repeat(36)];
    const run = start(program, words, folder, { NOTES: join(folder, 'notes') });
    assert.equal((await run.ended).code, 4);
    // They were killed when it ended; on a busy machine that takes its time.
    await until('no worker is left', () => !readdirSync('/proc').some((pid) => hasFolder(pid, folder)));
  });

  it('three machines do every job once, in proportion, and merge to the same bits as one', async () => {
    const alone = emptyFolder();
    await start(program, everything, alone).ended;
    const home = emptyFolder();
    writeFileSync(join(home, 'machines.json'), '{ "a": [1.0, 1], "b": [2.5, 2], "c": [1, 4] }');
    const folders: string[] = [];
    for (const machine of ['a', 'b', 'c']) {
      const own = emptyFolder();
      writeFileSync(join(own, 'machines.json'), '{ "c": [1, 4], "b": [2.5, 2], "a": [1.0, 1] }');
      const run = await start(program, ['--machine', machine, '--yes', '--cores', '2'], own).ended;
      assert.equal(run.code, 0, run.stderr);
      folders.push(join(own, `fixture.${machine}`));
    }
    const counts = folders.map((folder) => readRows(join(folder, 'results.csv')).length);
    assert.deepEqual(counts, [30, 150, 120]);
    const merge = await start(program, ['merge', ...folders], home).ended;
    assert.equal(merge.code, 0, merge.stderr);
    const merged = join(home, 'fixture.merged');
    assert.deepEqual(
      readRows(join(merged, 'results.csv')).map((row) => Number(row.split(',')[3])),
      Array.from({ length: 300 }, (_, job) => job),
    );
    // The shuffle depends on the machines, the jobs' numbers and the fold's order do not.
    assert.equal(readSummary(merged).reduced, readSummary(join(alone, 'fixture.all')).reduced);
    const partial = await start(program, ['merge', ...folders.slice(1)], home).ended;
    assert.equal(partial.code, 6);
    assert.match(partial.stderr, /Missing\s+30 jobs/);
  });

  it('goes on after SIGKILL: nothing finished runs again, the result is the same', async () => {
    const [alone, killed] = [emptyFolder(), emptyFolder()];
    const notes = join(killed, 'notes');
    await start(program, [...everything, '--cores', '2'], alone, { FIXTURE: 'slow' }).ended;
    const first = start(program, [...everything, '--cores', '2'], killed, { FIXTURE: 'slow', NOTES: notes });
    const journal = join(killed, 'fixture.all', 'journal.jsonl');
    while (settledJobsOf(journal).length < 10) await wait(10);
    first.kill('SIGKILL');
    await first.ended;
    const finished = settledJobsOf(journal);
    assert.ok(finished.length < 60);
    writeFileSync(notes, '');
    const second = await start(program, [...everything, '--cores', '2'], killed, { FIXTURE: 'slow', NOTES: notes })
      .ended;
    assert.equal(second.code, 0, second.stderr);
    const ranAgain = new Set(readFileSync(notes, 'utf8').trim().split('\n').map(Number));
    assert.deepEqual(
      finished.filter((job) => ranAgain.has(job)),
      [],
    );
    assert.equal(readRows(join(killed, 'fixture.all', 'results.csv')).length, 60);
    assert.equal(readSummary(join(killed, 'fixture.all')).reduced, readSummary(join(alone, 'fixture.all')).reduced);
  });

  it('without a terminal and without flags: a sentence and exit 2', async () => {
    const startedMs = performance.now();
    const { code, stderr } = await start(program, [], emptyFolder()).ended;
    assert.equal(code, 2);
    assert.match(stderr, /--machine NAME --yes/);
    assert.ok(performance.now() - startedMs < 5_000);
  });

  it('counts errors, crashes, time-outs and unstorable results apart; the rest goes on', async () => {
    const folder = emptyFolder();
    const flags = ['-o', 'run.timeout=2s', '-o', 'run.retries=1', '-o', 'run.crash_limit=2'];
    const { code, stderr } = await start(program, [...everything, '--cores', '2', ...flags], folder, {
      FIXTURE: 'trouble',
    }).ended;
    assert.equal(code, 3, stderr);
    const failed = readRows(join(folder, 'fixture.all', 'failed.csv')).map((row) => row.replace(/""/g, "'"));
    const causeOf = (kind: string): string | undefined =>
      failed.find((row) => row.includes(`'${kind}'`))?.split(',')[4];
    assert.equal(causeOf('throws'), 'error');
    assert.equal(causeOf('crashes'), 'crash');
    assert.equal(causeOf('sleeps'), 'timeout');
    assert.equal(causeOf('unstorable'), 'unstorable');
    assert.match(failed.join('\n'), /test\/fixtures\/experiments\/all\.ts:\d+/);
  });

  it('a setting that is not what a job asks for: that job fails at its first attempt', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'runner.config'), '[model]\nsweeps = many\n');
    const words = ['-o', 'run.retries=3', '-o', 'run.halt=never'];
    const { code, stderr } = await runGrowing(program, folder, 'a,b', words);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /2 failed, 0 retried/);
    assert.deepEqual(ranIn(folder), [0, 1]);
    assert.match(readRows(join(folder, 'fixture.all', 'failed.csv')).join('\n'), /,error,.*sweeps/);
  });

  it('refuses a second start in the same folder, and another plan', async () => {
    const folder = emptyFolder();
    const first = start(program, [...everything, '--cores', '1'], folder, { FIXTURE: 'slow' });
    while (settledJobsOf(join(folder, 'fixture.all', 'journal.jsonl')).length < 1) await wait(10);
    const second = await start(program, everything, folder, { FIXTURE: 'slow' }).ended;
    assert.equal(second.code, 7);
    assert.match(second.stderr, new RegExp(`process ${first.pid}`));
    first.kill('SIGTERM');
    assert.equal((await first.ended).code, 5);
    const other = await start(program, [...everything, '-o', 'random.seed=x'], folder, { FIXTURE: 'slow' }).ended;
    assert.equal(other.code, 2);
    assert.match(other.stderr, /another experiment/);
    const copy = join(emptyFolder(), 'copy');
    copyFolder(folder, copy);
    const resumed = await start(program, everything, copy, { FIXTURE: 'slow' }).ended;
    assert.equal(resumed.code, 0, resumed.stderr);
  });

  it('leaves no worker behind when the main process is killed', async () => {
    const folder = emptyFolder();
    const marker = `orphan-${process.pid}-${Date.now()}`;
    const run = start(program, [...everything, '--cores', '2'], folder, { FIXTURE: 'trouble', MARKER: marker });
    while (processesWith(marker).length < 3) await wait(20);
    run.kill('SIGKILL');
    await run.ended;
    for (let tries = 0; processesWith(marker).length > 0; tries++) {
      assert.ok(tries < 100, 'workers outlive the main process');
      await wait(20);
    }
  });
});

/** Processes of this system (Linux) that carry a marker in their environment. */
function processesWith(marker: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(marker);
    } catch {
      return false;
    }
  });
}
