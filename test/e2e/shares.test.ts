import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Ended, emptyFolder, fixtureExecutable, readRows, readSummary, start } from '../fixtures/executable.ts';

/** 30 jobs; those that run write their index into the file NOTES. */
const fewJobs = { REPLICATES: '10' };

describe('equal shares, on the built executable', () => {
  let program = '';
  /** Four shares have run; the fourth under `--machine auto`. */
  let home = '';
  const folders: string[] = [];
  function newFolder(): string {
    const folder = emptyFolder();
    folders.push(folder);
    return folder;
  }
  const run = (folder: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    start(program, words, folder, { ...fewJobs, ...environment }).ended;
  const share = (text: string): readonly string[] => ['--share', text, '--yes', '--cores', '1'];
  before(async () => {
    program = await fixtureExecutable();
    home = newFolder();
    const notes = join(home, 'notes.txt');
    for (const index of [1, 2, 3]) {
      const { code, stderr } = await run(home, share(`${index}/4`), { NOTES: notes });
      assert.equal(code, 0, stderr);
      assert.match(stderr, new RegExp(`^Start {7}share ${index}/4 from --share; 1 core from --cores$`, 'm'));
      assert.match(stderr, new RegExp(`^Machine {5}${index}of4: [78] of 30 jobs$`, 'm'));
    }
  });

  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  const array = {
    SLURM_ARRAY_TASK_ID: '4',
    SLURM_ARRAY_TASK_MIN: '1',
    SLURM_ARRAY_TASK_MAX: '4',
    SLURM_ARRAY_TASK_STEP: '1',
    SLURM_ARRAY_TASK_COUNT: '4',
    SLURM_JOB_ID: '17',
    SLURM_CPUS_PER_TASK: '2',
  };

  it('a share that is missing is named with the flag that starts it; then the merge is complete, each job ran once', async () => {
    const folders = ['fixture.1of4', 'fixture.2of4', 'fixture.3of4'];
    const journal = join(home, 'fixture.2of4', 'journal.jsonl');
    writeFileSync(join(home, 'second.jsonl.gz'), gzipSync(readFileSync(journal)));
    const given = ['fixture.1of4', 'second.jsonl.gz', 'fixture.3of4'];
    for (const list of [folders, given]) {
      const { code, stderr } = await run(home, ['merge', ...list]);
      assert.equal(code, 6, stderr);
      assert.match(stderr, /^Missing {5}8 jobs of 4of4: /m);
      assert.match(
        stderr,
        /copy fixture\.4of4 here and merge again, or start it again \(--share 4\/4\); or, if it is gone/,
      );
    }
    const last = await run(home, ['--machine', 'auto', '--yes'], { ...array, NOTES: join(home, 'notes.txt') });
    assert.equal(last.code, 0, last.stderr);
    assert.match(
      last.stderr,
      /^Start {7}share 4\/4 from SLURM_ARRAY_TASK_ID=4, .*COUNT=4; 2 cores from SLURM_CPUS_PER_TASK$/m,
    );
    const { code, stderr } = await run(home, ['merge', ...folders, 'fixture.4of4']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Complete {4}each of the 30 jobs succeeded/m);
    assert.equal(readRows(join(home, 'fixture.merged', 'results.csv')).length, 30);
    const ran = readFileSync(join(home, 'notes.txt'), 'utf8').trimEnd().split('\n').map(Number);
    assert.deepEqual(
      ran.sort((a, b) => a - b),
      Array.from({ length: 30 }, (_, job) => job),
    );
  });

  it('the same results as on one machine, the same plan for every share', async () => {
    const alone = newFolder();
    assert.equal((await run(alone, ['--machine', 'N/A', '--yes', '--cores', '2'])).code, 0);
    assert.equal(readSummary(join(home, 'fixture.merged')).reduced, readSummary(join(alone, 'fixture.all')).reduced);
    const digests = [1, 2, 3, 4].map((index) => {
      const summary = JSON.parse(readFileSync(join(home, `fixture.${index}of4`, 'summary.json'), 'utf8'));
      return summary.planDigest;
    });
    assert.equal(new Set(digests).size, 1);
    const plan = await run(home, ['plan', '--shares', '4', '--json']);
    assert.equal(JSON.parse(plan.stdout).planDigest, digests[0]);
    assert.equal(JSON.parse(plan.stdout).machines.length, 4);
  });

  it('machines.json plays no part, and that is said', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 3], "lab2": [2, 5] }');
    const { code, stderr } = await run(folder, share('2/2'));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Machine {5}2of2: 15 of 30 jobs\n {12}equal shares: machines\.json plays no part$/m);
    const other = await run(folder, [...share('2/3'), '--out', 'fixture.2of2']);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /holds the jobs of 2of2, not 2of3/);
  });

  it('experiment.lock: of the shares with plan --shares, refused with any other number, or with machines', async () => {
    const folder = newFolder();
    assert.equal((await run(folder, ['plan', '--shares', '2', '--lock'])).code, 0);
    assert.equal((await run(folder, share('1/2'))).code, 0);
    const other = await run(folder, share('1/3'));
    assert.equal(other.code, 4, other.stderr);
    assert.match(other.stderr, /machines\.json differs: the plan is 3 equal shares here, 2 equal shares in experiment/);
    assert.match(other.stderr, /After a change on purpose: plan --shares 3 --lock/);
    const all = await run(folder, ['--machine', 'N/A', '--yes']);
    assert.equal(all.code, 4, all.stderr);
    assert.match(all.stderr, /the plan is of N\/A here, 2 equal shares in/);
  });

  it('rescue: what a lost share has left goes to the others, which take it up', async () => {
    const folder = newFolder();
    for (const index of [1, 2]) assert.equal((await run(folder, share(`${index}/3`))).code, 0);
    const rescued = await run(folder, ['rescue', '--lost', '3of3']);
    assert.equal(rescued.code, 0, rescued.stderr);
    for (const index of [1, 2]) assert.equal((await run(folder, share(`${index}/3`))).code, 0);
    const merged = await run(folder, ['merge', 'fixture.1of3', 'fixture.2of3']);
    assert.equal(merged.code, 0, merged.stderr);
    assert.match(merged.stderr, /^Complete/m);
  });

  it('run-job and plan --shares find what shares have done', async () => {
    const replay = await run(home, ['run-job', '7']);
    assert.equal(replay.code, 0, replay.stderr);
    assert.match(replay.stderr, /1of4|2of4|3of4|4of4/);
    assert.match((await run(home, ['plan', '--shares', '4'])).stdout, /^1of4 .*cores as found there .*settled/m);
    const played = await run(newFolder(), ['simulate', '--job-time', '1s']);
    assert.match(played.stderr, /found only when it starts: each is played with 1 core/);
  });

  const refusals: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
    ['share 0', ['--share', '0/20', '--yes'], {}, /no share 0.*--array=1-20/],
    ['share 21 of 20', ['--share', '21/20', '--yes'], {}, /no share 21 of 20.*--array=1-20/],
    ['an empty variable', ['--share', '/20', '--yes'], {}, /missing before the slash.*is that set/],
    ['two answers', ['--share', '1/2', '--machine', 'lab1', '--yes'], {}, /both say what is to be computed/],
    ['no terminal, no --yes', ['--share', '1/2'], {}, /no terminal to ask on: add --yes/],
    ['no terminal, no --yes with auto', ['--machine', 'auto'], array, /no terminal to ask on: add --yes/],
    [
      'an index without a count',
      ['--machine', 'auto', '--yes'],
      { PBS_ARRAY_INDEX: '3' },
      /--share \$PBS_ARRAY_INDEX\/N/,
    ],
    [
      'no scheduler and no such machine',
      ['--machine', 'auto', '--yes'],
      {},
      /no scheduler has started.*(.|\n)*--share i\/n/,
    ],
  ];
  for (const [what, words, environment, expected] of refusals) {
    it(`refused with exit 2: ${what}`, async () => {
      const folder = newFolder();
      const { code, stderr }: Ended = await run(folder, words, environment);
      assert.equal(code, 2, stderr);
      assert.match(stderr, expected);
      assert.ok(!readdirSync(folder).some((name) => existsSync(join(folder, name, 'journal.jsonl'))));
    });
  }

  it('a part of an array, submitted again, is not taken for an array of its own', async () => {
    const part = { ...array, SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_MIN: '2', SLURM_ARRAY_TASK_MAX: '3' };
    const words = ['--machine', 'auto', '--yes'];
    const { code, stderr } = await run(home, words, { ...part, SLURM_ARRAY_TASK_COUNT: '2' });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /run folders of 4 equal shares, and the scheduler says 2.*\n.*--share i\/4/);
    assert.ok(!existsSync(join(home, 'fixture.2of2')));
  });

  it('slurm writes both scripts and says how to submit them; --submit needs sbatch', async () => {
    const folder = newFolder();
    const words = [
      'slurm',
      '--shares',
      '1001',
      '--time',
      '1-12',
      '--mem',
      '4G',
      '--cores-per-share',
      '8',
      '-o',
      'run.retries=0',
    ];
    const { code, stderr } = await run(folder, words);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^warning: 1001 shares need MaxArraySize above 1001/m);
    assert.match(stderr, /^warning: 1,001 shares of 30 jobs: some will have none$/m);
    assert.match(stderr, /sbatch fixture\.sbatch\n.*sbatch --dependency=afterany:JOBID fixture-merge\.sbatch/);
    const script = readFileSync(join(folder, 'fixture.sbatch'), 'utf8');
    assert.ok(script.includes(`\n${program} -o run.retries=0 --share "$SLURM_ARRAY_TASK_ID/1001" --yes &\n`), script);
    assert.match(script, /^#SBATCH --array=1-1001$/m);
    const elsewhere = await run(folder, ['slurm', '--shares', '2', '--out', 'other.sh', '--submit'], {
      PATH: '/nowhere',
    });
    assert.equal(elsewhere.code, 2, elsewhere.stderr);
    assert.match(elsewhere.stderr, /sbatch is not on the PATH here/);
    assert.ok(existsSync(join(folder, 'other-merge.sh')));
    for (const wrong of [
      ['--time', '12h'],
      ['--mem', '4GB'],
      ['--partition', 'a b'],
      ['--before-limit', '10'],
    ]) {
      const refused = await run(folder, ['slurm', '--shares', '2', ...wrong]);
      assert.equal(refused.code, 2, refused.stderr);
    }
  });

  it("auto without a scheduler is the host's own entry", async () => {
    const folder = newFolder();
    const short = hostname().split('.')[0] ?? '';
    writeFileSync(join(folder, 'machines.json'), JSON.stringify({ [`${short}.example.org`]: [1, 1], lab2: [1, 1] }));
    const { code, stderr } = await run(folder, ['--machine', 'auto', '--yes']);
    assert.equal(code, 0, stderr);
    assert.ok(stderr.includes(`Machine     ${short}.example.org: 15 of 30 jobs`), stderr);
  });
});
