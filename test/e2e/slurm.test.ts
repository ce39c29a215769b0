import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Ended, emptyFolder, fixtureExecutable, readSummary, start } from '../fixtures/executable.ts';
import { readText, until } from '../fixtures/processes.ts';
import { type SlurmCluster, startSlurm, whyNoSlurm } from '../fixtures/slurm-cluster.ts';

const everyJob = Array.from({ length: 60 }, (_, job) => job);

describe('a real Slurm, on the built executable', { skip: whyNoSlurm() ?? false }, () => {
  let program = '';
  let cluster: SlurmCluster;
  /** Under a time limit of a minute from the beginning of these tests: Slurm looks at limits twice a minute. */
  let limited = { folder: '', job: '', merge: '' };
  const folders: string[] = [];
  before(async () => {
    program = await fixtureExecutable();
    cluster = await startSlurm();
    const folder = newFolder();
    const words = ['--shares', '1', '--time', '1', '--before-limit', '50', '--cores-per-share', '2'];
    limited = { folder, ...(await submit(folder, words, { JOB_MS: '1500', HURRY: join(folder, 'hurry') })) };
  });
  after(async () => {
    await cluster?.end();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function newFolder(): string {
    const folder = emptyFolder();
    folders.push(folder);
    return folder;
  }

  /** What jobs see: 60 of them, which write down that they ran. */
  const surroundings = (folder: string, more: Readonly<Record<string, string>>) => ({
    ...cluster.environment,
    FIXTURE: 'slow',
    NOTES: join(folder, 'notes.txt'),
    ...more,
  });
  const run = (folder: string, words: readonly string[]): Promise<Ended> =>
    start(program, words, folder, surroundings(folder, {})).ended;

  /** `slurm … --submit`; the numbers of the array and of its merge. */
  async function submit(
    folder: string,
    words: readonly string[],
    more: Readonly<Record<string, string>>,
  ): Promise<{ readonly job: string; readonly merge: string }> {
    const { code, stderr } = await start(program, ['slurm', ...words, '--submit'], folder, surroundings(folder, more))
      .ended;
    assert.equal(code, 0, stderr);
    const [, job, merge] = /^Submitted {3}(\d+), an array.*\n {12}(\d+), the merge/m.exec(stderr) ?? [];
    return job === undefined || merge === undefined ? assert.fail(stderr) : { job, merge };
  }

  const queue = (job: string): string =>
    cluster.call('squeue', ['--noheader', '--array', '--format=%i %t %r', `--jobs=${job}`]);
  const isOver = (job: string): boolean => {
    try {
      return queue(job).trim() === '';
    } catch {
      // It has been forgotten already.
      return true;
    }
  };
  /**
   * What is requeued waits two minutes, until the node does not refuse the credential of its first start any more: here two
   * seconds, which is enough for a clock that counts them.
   */
  async function startSoon(job: string): Promise<void> {
    await until('it is requeued', () => / PD BeginTime/.test(queue(job)), 60_000);
    cluster.call('scontrol', ['update', `JobId=${job}`, 'StartTime=now+2seconds']);
  }
  const ranIn = (folder: string): readonly number[] =>
    readText(join(folder, 'notes.txt'))
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map(Number)
      .sort((a, b) => a - b);
  /** Whatever the jobs and the merge have said. */
  const saidIn = (folder: string, pattern: RegExp): string =>
    readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => readText(join(folder, name)))
      .join('\n');

  it('an array of 4 finishes an experiment; its merge follows by itself and is complete', async () => {
    const folder = newFolder();
    const { merge } = await submit(folder, ['--shares', '4'], { JOB_MS: '20' });
    await until('the merge', () => isOver(merge), 60_000);
    const merged = saidIn(folder, /^fixture-merge\..*out$/);
    assert.match(merged, /^4of4: 15 done, 0 failed$/m);
    assert.match(merged, /^Complete {4}each of the 60 jobs succeeded/m);
    assert.deepEqual(ranIn(folder), everyJob);
    assert.match(saidIn(folder, /_3\.out$/), /share 3\/4 from --share; 1 core from SLURM_CPUS_PER_TASK/);
  });

  it('scontrol requeue and scancel in the middle: gone on with, no job twice, no attempt lost', async () => {
    const folder = newFolder();
    const { job, merge } = await submit(folder, ['--shares', '2'], { JOB_MS: '100' });
    await until('both have begun', () =>
      ['1', '2'].every((n) => readText(join(folder, `fixture.${n}of2`, 'status.json')) !== ''),
    );
    await until('some jobs have run', () => ranIn(folder).length >= 6);
    cluster.call('scontrol', ['requeue', `${job}_1`]);
    cluster.call('scancel', [`${job}_2`]);
    await startSoon(`${job}_1`);
    await until('all of them have ended, and the merge', () => isOver(merge), 60_000);
    assert.match(saidIn(folder, /_1\.out$/), /continuing/);
    assert.match(saidIn(folder, /^fixture-merge\..*out$/), /^Missing {5}\d+ jobs? of 2of2:.*\n.*\(--share 2\/2\)/m);
    const words = ['--parsable', '--array=2', 'fixture.sbatch'];
    const again = cluster.call('sbatch', words, folder, surroundings(folder, {})).trim();
    await until('the cancelled one, again', () => isOver(again), 60_000);
    const { code, stderr } = await run(folder, ['merge', 'fixture.1of2', 'fixture.2of2']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(ranIn(folder), everyJob);
    for (const n of [1, 2]) assert.equal(readSummary(join(folder, `fixture.${n}of2`)).jobs.retried, 0);
  });

  it('srun -n 4 --machine auto: four shares; in an array of 2, srun -n 2: the same four', async () => {
    const folder = newFolder();
    const words = ['-n4', program, '--machine', 'auto', '--yes'];
    const { code, stderr } = await start('/usr/bin/srun', words, folder, surroundings(folder, { JOB_MS: '5' })).ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /share 3\/4 from SLURM_PROCID=2, SLURM_STEP_NUM_TASKS=4; 1 core from SLURM_CPUS_ON_NODE/);
    const both = newFolder();
    const script = `srun ${program} --machine auto --yes`;
    const job = cluster.call(
      'sbatch',
      ['--parsable', '--array=1-2', '-n2', `--wrap=${script}`],
      both,
      surroundings(both, { JOB_MS: '5' }),
    );
    await until('both elements', () => isOver(job.trim()), 60_000);
    for (const place of [folder, both]) {
      const merged = await run(place, ['merge', ...[1, 2, 3, 4].map((n) => `fixture.${n}of4`)]);
      assert.equal(merged.code, 0, merged.stderr);
      assert.deepEqual(ranIn(place), everyJob);
    }
  });

  it('scancel of a step, which tells every process: running jobs end, none loses an attempt', async () => {
    const folder = newFolder();
    const words = ['--parsable', '--output=out', `--wrap=srun ${program} --share 1/1 --yes`];
    const job = cluster.call('sbatch', words, folder, surroundings(folder, { JOB_MS: '700' })).trim();
    await until('two jobs have run', () => ranIn(folder).length >= 2);
    cluster.call('scancel', [job]);
    await until('the job', () => isOver(job), 60_000);
    const journal = readText(join(folder, 'fixture.1of1', 'journal.jsonl'));
    assert.doesNotMatch(journal, /"failed-attempt"/);
    const { jobs } = readSummary(join(folder, 'fixture.1of1'));
    assert.equal(jobs.done, ranIn(folder).length);
    assert.equal(jobs.retried, 0);
  });

  it('the batch script of sbatch -n 2 is no share: refused, with the ways out', async () => {
    const folder = newFolder();
    const words = ['--parsable', '-n2', '--output=out', `--wrap=${program} --machine auto --yes`];
    const job = cluster.call('sbatch', words, folder, surroundings(folder, {}));
    await until('the job', () => isOver(job.trim()) && readText(join(folder, 'out')) !== '');
    assert.match(readText(join(folder, 'out')), /no scheduler has started this as one of many/);
    assert.deepEqual(ranIn(folder), []);
  });

  it('names and folders with spaces, quotes and $(…): the script runs what was meant', async () => {
    const folder = join(newFolder(), 'it\'s $(touch hurt) "a"\n#SBATCH --wrap=x');
    cluster.call('mkdir', [folder]);
    const { job } = await submit(folder, ['--shares', '2'], { JOB_MS: '1' });
    await until('both', () => isOver(job), 60_000);
    assert.deepEqual(ranIn(folder), everyJob);
    assert.ok(!readdirSync(folder).includes('hurt') && !readdirSync(join(folder, '..')).includes('hurt'));
  });

  it('shortly before the time limit running jobs end, the job is requeued by itself and goes on where it was', async () => {
    const { folder, job, merge } = limited;
    await until('the time limit', () => /The time limit is near: requeued/.test(saidIn(folder, /_1\.out$/)), 90_000);
    const before = ranIn(folder).length;
    assert.ok(before > 0 && before < 60, `${before} jobs had run`);
    writeFileSync(join(folder, 'hurry'), '');
    await startSoon(`${job}_1`);
    await until('it has ended, and the merge', () => isOver(merge), 60_000);
    assert.match(saidIn(folder, /^fixture-merge\..*out$/), /^Complete/m);
    assert.match(saidIn(folder, /_1\.out$/), new RegExp(`continuing: ${before} of 60 done`));
    assert.deepEqual(ranIn(folder), everyJob);
  });
});
