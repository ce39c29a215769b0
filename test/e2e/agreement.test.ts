import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { bundleEntry } from '../../build/bundle.ts';
import { repositoryFolder } from '../../build/folders.ts';
import { bootFor, writeScripts } from '../../build/scripts.ts';
import { hostTarget } from '../../build/versions.ts';
import { copyFolder, type Ended, emptyFolder, fixtureExecutable, start } from '../fixtures/executable.ts';

const machines = '{ "lab1": [1.0, 8], "lab2": [2.5, 16] }';
const config = '[model]\nsweeps = 10\n';
const header = 'a,b,c,d,e,f,g\n';
const asLab1 = ['--machine', 'lab1', '--yes', '--cores', '1'];

/** A folder with three files and the lock that `plan --lock` wrote for them. */
async function lockedFolder(program: string): Promise<{ folder: string; words: string; hex: string }> {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'machines.json'), machines);
  writeFileSync(join(folder, 'runner.config'), config);
  writeFileSync(join(folder, 'header.csv'), header);
  const { code, stdout, stderr } = await start(program, ['plan', '--lock', '--json'], folder).ended;
  assert.equal(code, 0, stderr);
  const { phrase, hex } = JSON.parse(stdout);
  assert.ok(existsSync(join(folder, 'experiment.lock')));
  return { folder, words: phrase, hex };
}

describe('unequal machines are refused, by name', () => {
  let program = '';
  let locked = { folder: '', words: '', hex: '' };
  before(async () => {
    program = await fixtureExecutable();
    locked = await lockedFolder(program);
  });

  /** A copy of the locked folder with one file changed. */
  function folderWith(file: string, text: string): string {
    const folder = join(emptyFolder(), 'copy');
    copyFolder(locked.folder, folder);
    writeFileSync(join(folder, file), text);
    return folder;
  }

  const mismatches = [
    {
      part: 'machines.json',
      text: machines.replace('16', '12'),
      value: /lab2: cores is 12 here, 16 in experiment\.lock/,
      here: /lab2: weight 2\.5, 12 cores/,
    },
    {
      part: 'runner.config',
      text: config.replace('10', '20'),
      value: /\[model\] sweeps is "20" here \(runner\.config:2\), "10" in experiment\.lock/,
      here: /\[model\] sweeps = 20/,
    },
    {
      part: 'header.csv',
      text: header.replace('g', 'G'),
      value: /column 7 is "G" here, "g" in experiment\.lock/,
      here: /"f","G"/,
    },
  ];

  for (const { part, text, value, here } of mismatches) {
    it(`${part}: by experiment.lock, --expect words and --expect hex; exit 4, nothing is run`, async () => {
      const folder = folderWith(part, text);
      const byLock = await start(program, asLab1, folder).ended;
      assertRefused(byLock, part, folder);
      assert.match(byLock.stderr, value);
      const unlocked = unlock(folder);
      for (const expected of [locked.words, locked.hex]) {
        const byWords = await start(program, [...asLab1, '--expect', expected], unlocked).ended;
        assertRefused(byWords, part, unlocked);
        assert.match(byWords.stderr, here);
      }
    });
  }

  it('pool', async () => {
    const more = { REPLICATES: '101' };
    const byLock = await start(program, asLab1, locked.folder, more).ended;
    assertRefused(byLock, 'pool', locked.folder);
    assert.match(byLock.stderr, /number of jobs is 303 here, 300 in experiment\.lock/);
    const folder = unlock(locked.folder);
    const byWords = await start(program, [...asLab1, '--expect', locked.words], folder, more).ended;
    assertRefused(byWords, 'pool', folder);
    assert.match(byWords.stderr, /here it is 303 jobs, from \[0\.1,0\] to \[1\.3,100\]/);
  });

  it('code', async () => {
    const folder = emptyFolder();
    copyFolder(join(repositoryFolder, 'test', 'fixtures', 'experiments'), folder);
    const entry = join(folder, 'all.ts');
    const text = readFileSync(entry, 'utf8');
    writeFileSync(entry, text.replace('scale * stream()', 'scale * (1 - stream())'));
    const bundle = await bundleEntry(entry);
    const other = join(folder, 'other');
    mkdirSync(other);
    writeScripts(other, bundle, hostTarget());
    writeFileSync(join(other, 'boot.cjs'), bootFor('unpackaged'));
    const run = (cwd: string, ...more: readonly string[]): Ended => {
      const words = [join(other, 'boot.cjs'), ...asLab1, ...more];
      const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd, encoding: 'utf8' });
      return { code: status, signal: null, stdout, stderr };
    };
    const byLock = run(locked.folder);
    assertRefused(byLock, 'code', locked.folder);
    assert.match(byLock.stderr, new RegExp(`fingerprint is ${bundle.code} here, [0-9a-f]{64} in experiment\\.lock`));
    const unlocked = unlock(locked.folder);
    const byWords = run(unlocked, '--expect', locked.words);
    assertRefused(byWords, 'code', unlocked);
    assert.match(byWords.stderr, new RegExp(`code differs; here it is ${bundle.code}`));
  });

  it('-o and the environment count, and are named', async () => {
    const byFlag = await start(program, [...asLab1, '-o', 'model.sweeps=11'], locked.folder).ended;
    assertRefused(byFlag, 'runner.config', locked.folder);
    assert.match(byFlag.stderr, /sweeps is "11" here \(flag -o model\.sweeps\), "10" in/);
    const variable = { JOB_SPLITTER_MODEL__SWEEPS: '12' };
    const byVariable = await start(program, asLab1, locked.folder, variable).ended;
    assert.match(byVariable.stderr, /sweeps is "12" here \(environment JOB_SPLITTER_MODEL__SWEEPS\), "10" in/);
  });

  it('equal ones run; a change on purpose needs plan --lock', async () => {
    const folder = folderWith('runner.config', config.replace('10', '30'));
    const refused = await start(program, ['plan'], folder).ended;
    assert.equal(refused.code, 4, refused.stderr);
    assert.match(refused.stderr, /After a change on purpose: plan --lock/);
    assert.equal((await start(program, ['plan', '--lock'], folder).ended).code, 0);
    const run = await start(program, asLab1, folder).ended;
    assert.equal(run.code, 0, run.stderr);
    const { random } = JSON.parse(readFileSync(join(folder, 'fixture.lab1', 'summary.json'), 'utf8'));
    assert.match(random, /random gives every job the same numbers/);
    // Job times of one machine are known now: the other's finish follows by weight.
    const { stdout } = await start(program, ['plan'], folder).ended;
    assert.match(stdout, /^lab1 .*50 settled +finished$/m);
    assert.match(stdout, /^lab2 .*250 jobs +about .*, until \d/m);
    const both = await start(program, [...asLab1, '--expect', locked.hex], locked.folder).ended;
    assert.equal(both.code, 0, both.stderr);
  });

  it('a damaged lock and a mistyped word are usage errors', async () => {
    const folder = folderWith('experiment.lock', '{ "lock": 1');
    const damaged = await start(program, asLab1, folder).ended;
    assert.equal(damaged.code, 2);
    assert.match(damaged.stderr, /experiment\.lock cannot be read: [\s\S]*plan --lock/);
    const mistyped = await start(program, [...asLab1, '--expect', `${locked.words}x`], locked.folder).ended;
    assert.equal(mistyped.code, 2);
    assert.match(mistyped.stderr, /is not one of the words; is \w+ meant\?/);
  });

  it('config names the origin of every value', async () => {
    const environment = { JOB_SPLITTER_RUN__RETRIES: '4' };
    const { code, stdout } = await start(program, ['config', '-o', 'run.nice=5'], locked.folder, environment).ended;
    assert.equal(code, 0);
    for (const line of [
      /^sweeps = 10 +# runner\.config:2$/m,
      /^retries = 4 +# environment JOB_SPLITTER_RUN__RETRIES$/m,
      /^nice = 5 +# flag -o run\.nice$/m,
      /^crash_limit = 3 +# default$/m,
    ]) {
      assert.match(stdout, line);
    }
  });
});

/** A copy of the three files, without the lock. */
function unlock(folder: string): string {
  const copy = join(emptyFolder(), 'copy');
  mkdirSync(copy);
  for (const name of ['machines.json', 'runner.config', 'header.csv']) {
    writeFileSync(join(copy, name), readFileSync(join(folder, name)));
  }
  return copy;
}

function assertRefused({ code, stderr }: Ended, part: string, folder: string): void {
  assert.equal(code, 4, stderr);
  assert.match(stderr, new RegExp(`^${part.replace('.', '\\.')} differs`, 'm'));
  assert.equal(stderr.match(/ differs/g)?.length, 1, stderr);
  assert.ok(!existsSync(join(folder, 'fixture.lab1')));
}
