import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { repositoryFolder } from '../../build/folders.ts';
import { emptyFolder, fixtureExecutable, readRows, readSummary, start } from '../fixtures/executable.ts';
import { processesWith, readText, until } from '../fixtures/processes.ts';
import { settledJobsOf } from '../fixtures/settled-jobs.ts';

const everything = ['--machine', 'N/A', '--yes', '--cores', '2'];
const set = (...settings: readonly string[]): readonly string[] => settings.flatMap((text) => ['-o', text]);
const freshMarker = (): string => `marker-${process.pid}-${Date.now()}-${Math.random()}`;

describe('worker processes, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  it('no worker and no child outlives a killed main process, whatever it is at', async () => {
    const folder = emptyFolder();
    const [marker, notes] = [freshMarker(), join(folder, 'notes')];
    const words = ['--machine', 'N/A', '--yes', '--cores', '4'];
    const run = start(program, words, folder, { FIXTURE: 'clinging', MARKER: marker, NOTES: notes });
    await until('all workers cling', () => readText(notes).split('\n').length === 5);
    assert.ok(processesWith(marker).length > 10);
    run.kill('SIGKILL');
    await until('all are gone', () => processesWith(marker).length === 0);
  });

  it('goes on after a job has killed the main process', async () => {
    const folder = emptyFolder();
    const [marker, notes] = [freshMarker(), join(folder, 'notes')];
    const environment = { FIXTURE: 'parricide', NOTES: notes, MARKER: marker };
    const first = await start(program, everything, folder, environment).ended;
    assert.equal(first.signal, 'SIGKILL');
    await until('all are gone', () => processesWith(marker).length === 0);
    const second = await start(program, everything, folder, environment).ended;
    assert.equal(second.code, 0, second.stderr);
    assert.equal(readRows(join(folder, 'fixture.all', 'results.csv')).length, 40);
  });

  it('what a job turned round in its worker does not reach the next one', async () => {
    const folder = emptyFolder();
    const flags = set('run.order=given', 'run.retries=0', 'run.crash_limit=1');
    const words = ['--machine', 'N/A', '--yes', '--cores', '1', ...flags];
    const environment = { FIXTURE: 'cage', ANIMALS: 'overrides everything,takes all ears' };
    const { code, stderr } = await start(program, words, folder, environment).ended;
    assert.equal(code, 0, stderr);
  });

  // A busy loop holds back the answers to quick jobs right before it, of the same batch.
  for (const [endless, settledMin] of [
    ['never resolves', 20],
    ['loops for ever', 15],
  ] as const)
    it(`one that ${endless} keeps its worker, but no other job; a stop ends it`, async () => {
      const folder = emptyFolder();
      const notes = join(folder, 'notes');
      const flags = set('run.grace=200ms', 'run.crash_limit=1');
      const environment = { FIXTURE: 'cage', ANIMALS: endless, NOTES: notes };
      const run = start(program, [...everything, ...flags], folder, environment);
      const journal = join(folder, 'fixture.all', 'journal.jsonl');
      try {
        await until('all others have run', () => readText(notes).split('\n').length > 20);
        await until('they are settled', () => settledJobsOf(journal).length >= settledMin);
      } finally {
        run.kill('SIGTERM');
        await wait(100);
        run.kill('SIGTERM');
      }
      const { code, stderr } = await run.ended;
      assert.match(stderr, /0 failed, 0 retried/);
      assert.equal(code, 143, stderr);
    });

  it('a SIGTERM to all processes (as Slurm sends it) ends no job: workers leave it to the main process', async () => {
    const folder = emptyFolder();
    const [notes, marker] = [join(folder, 'notes'), freshMarker()];
    const environment = { FIXTURE: 'slow', JOB_MS: '300', NOTES: notes, MARKER: marker };
    const run = start(program, everything, folder, environment);
    await until('some jobs have run', () => readText(notes) !== '');
    for (const pid of processesWith(marker)) if (pid !== run.pid) process.kill(pid, 'SIGTERM');
    await wait(400);
    run.kill('SIGTERM');
    const { code, stderr } = await run.ended;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /0 failed, 0 retried/);
    assert.doesNotMatch(stderr, /the worker ended/);
  });

  it('a busy loop hears the second signal', async () => {
    const folder = emptyFolder();
    const notes = join(folder, 'notes');
    const run = start(program, everything, folder, { FIXTURE: 'obedient', NOTES: notes });
    await until('the job runs', () => readText(notes) === 'begun');
    run.kill('SIGINT');
    await wait(100);
    run.kill('SIGINT');
    await run.ended;
    assert.equal(readText(notes), 'heard');
  });

  it('initializeWorker that throws or exits ends the run with its name and lines', { timeout: 120_000 }, async () => {
    const birth = async (BIRTH: string): Promise<string> => {
      const { code, stderr } = await start(program, everything, emptyFolder(), { FIXTURE: 'unborn', BIRTH }).ended;
      assert.equal(code, 1, stderr);
      return stderr;
    };
    const [throwing, exiting] = await Promise.all([birth('throws'), birth('exits')]);
    assert.match(throwing, /initializeWorker failed: Error: no licence\n.*zoo\.ts:\d+/);
    assert.match(exiting, /initializeWorker did not come to its end: exit code 4/);
  });

  it('a killed job continues from its checkpoint to the very same result', async () => {
    const [killed, alone, undisturbed] = [emptyFolder(), emptyFolder(), emptyFolder()];
    const own = set('run.max_jobs_per_worker=1');
    const runs = [
      await start(program, everything, killed, { FIXTURE: 'continuing' }).ended,
      await start(program, [...everything, ...own], alone, { FIXTURE: 'continuing' }).ended,
      await start(program, everything, undisturbed, { FIXTURE: 'continuing', UNDISTURBED: 'yes' }).ended,
    ];
    for (const { code, stderr } of runs) assert.equal(code, 0, stderr);
    const cells = (folder: string, at: number): readonly unknown[] =>
      readRows(join(folder, 'fixture.all', 'results.csv'))
        .map((row) => row.split(','))
        .sort(([, , , a], [, , , b]) => Number(a) - Number(b))
        .map((row) => row[at]);
    for (const folder of [killed, alone]) {
      assert.deepEqual(cells(folder, 5), cells(undisturbed, 5));
      assert.deepEqual(cells(folder, 7), ['10', '20', '30', '40']);
      assert.ok(!existsSync(join(folder, 'fixture.all', 'checkpoints')), 'settled jobs keep no checkpoint');
    }
    assert.deepEqual(cells(undisturbed, 7), ['0', '0', '0', '0']);
    // A death is charged to a job that was all its worker ever had; another's worker may have died of an earlier job.
    assert.deepEqual(cells(alone, 6), ['2', '2', '2', '2']);
    assert.ok(cells(killed, 6).includes('2'), 'the first worker to die had one job only');
  });

  it('keeps files of jobs that succeed, with size and hash in the journal, and nothing else', async () => {
    const folder = emptyFolder();
    const { code, stderr } = await start(program, everything, folder, { FIXTURE: 'filing' }).ended;
    assert.equal(code, 0, stderr);
    const run = join(folder, 'fixture.all');
    assert.deepEqual(readdirSync(join(run, 'files')).sort(), ['0', '1', '2', '3']);
    const journal = readText(join(run, 'journal.jsonl'));
    for (const job of [0, 1, 2, 3]) {
      const sha256 = createHash('sha256')
        .update(readFileSync(join(run, 'files', String(job), 'data.bin')))
        .digest('hex');
      assert.ok(journal.includes(`{"name":"data.bin","bytes":100000,"sha256":"${sha256}"}`));
    }
    assert.match(journal, /"name":"grid\.zarr\/0\/\.zarray","bytes":4/);
    assert.ok(!journal.includes('never written'));
  });

  it('is as nice as it should be, replaced after max_jobs_per_worker, untouched by NODE_OPTIONS', async () => {
    const folder = emptyFolder();
    const options = '--max-old-space-size=500 --no-deprecation';
    const flags = set('run.nice=7', 'run.max_jobs_per_worker=2', 'run.memory_limit=300M');
    const { code, stderr } = await start(program, [...everything, ...flags], folder, {
      FIXTURE: 'surroundings',
      NODE_OPTIONS: options,
    }).ended;
    assert.equal(code, 0, stderr);
    const rows = readRows(join(folder, 'fixture.all', 'results.csv')).map((row) => row.split(','));
    assert.deepEqual(new Set(rows.map((row) => row[6])), new Set(['7']));
    assert.deepEqual(new Set(rows.map((row) => row[7])), new Set([options]));
    assert.ok(new Set(rows.map((row) => row[5])).size >= 3, 'six jobs, two per worker');
  });

  it('starts whatever the host has in NODE_OPTIONS, and runs its jobs', async () => {
    for (const options of ['--nonsense', '--require=/nowhere.js --max-old-space-size=20']) {
      const folder = emptyFolder();
      const words = [...everything, ...set('run.memory_limit=300M')];
      const environment = { FIXTURE: 'surroundings', NODE_OPTIONS: options };
      const { code, stderr } = await start(program, words, folder, environment).ended;
      assert.equal(code, 0, stderr);
      const rows = readRows(join(folder, 'fixture.all', 'results.csv')).map((row) => row.split(','));
      assert.deepEqual(new Set(rows.map((row) => row[7])), new Set([options]));
      // V8 adds the young generation to what --max-old-space-size says; its own default is 2 GiB and more.
      for (const row of rows) assert.ok(Number(row[8]) >= 300 && Number(row[8]) < 500, row[8]);
    }
  });

  for (const COLUMNS of ['90', '0']) {
    it(`losing a terminal of ${COLUMNS} columns stops nothing`, { skip: lacksPython() }, () => {
      const folder = emptyFolder();
      const words = [join(repositoryFolder, 'test', 'fixtures', 'lost-terminal.py'), folder, program, ...everything];
      const env = { ...process.env, FIXTURE: 'slow', COLUMNS };
      const { stdout, stderr } = spawnSync('python3', words, { encoding: 'utf8', env });
      assert.match(stdout, /EXIT 0/, stdout + stderr);
      const { jobs } = readSummary(join(folder, 'fixture.all'));
      assert.deepEqual(jobs, { total: 60, done: 60, failed: 0, retried: 0 });
    });
  }

  it("the kernel's out-of-memory killer is a memory death", { skip: lacksMemoryGroup() }, async () => {
    const group = memoryGroup();
    mkdirSync(group);
    try {
      writeFileSync(join(group, 'memory.limit_in_bytes'), '400M');
      const folder = emptyFolder();
      const script = `echo $$ > ${group}/cgroup.procs; exec "$0" "$@"`;
      const words = ['-c', script, program, ...everything, ...set('run.crash_limit=1', 'run.halt=never')];
      const run = start('/bin/sh', words, folder, { FIXTURE: 'cage', ANIMALS: 'fills buffers' });
      const { code, stderr } = await run.ended;
      assert.equal(code, 3, stderr);
      assert.match(readText(join(folder, 'fixture.all', 'failed.csv')), /,memory,.*killed by the system/);
    } finally {
      await until('the group is empty', () => readText(join(group, 'cgroup.procs')) === '');
      rmdirSync(group);
    }
  });
});

function lacksPython(): string | false {
  return spawnSync('python3', ['--version']).status === 0 ? false : 'python3 is not installed';
}

/** A control group (version 1) below this process's own. */
function memoryGroup(): string {
  const own = /^\d+:memory:(.*)$/m.exec(readText('/proc/self/cgroup'))?.[1] ?? '/none';
  return join('/sys/fs/cgroup/memory', own, `job-splitter-test-${process.pid}`);
}

function lacksMemoryGroup(): string | false {
  try {
    mkdirSync(memoryGroup());
    rmdirSync(memoryGroup());
    return false;
  } catch {
    return 'no memory control group (version 1) can be made here';
  }
}
