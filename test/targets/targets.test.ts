import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findSignatureProblem } from '../../build/ad-hoc-signature.ts';
import { targetsOfBinary } from '../../build/binary-format.ts';
import { buildExecutables, type Executable } from '../../build/executable.ts';
import { distFolder, repositoryFolder } from '../../build/folders.ts';
import { writeSums } from '../../build/sums.ts';
import { allTargets } from '../../build/versions.ts';
import { readSummary } from '../fixtures/executable.ts';
import { rowsOf } from '../fixtures/growing.ts';
import { arm64Linux, chroot, type Elsewhere, here, runElsewhere, windows } from './elsewhere.ts';

/** The oldest Debian that its servers still have. */
const oldest = 'bullseye';

const folder = mkdtempSync(join(tmpdir(), 'job-splitter-targets-'));
const output = join(distFolder, 'targets');
let made: readonly Executable[] = [];
const pathFor = (target: string): string => made.find((it) => it.target === target)?.path ?? '';

before(async () => {
  made = await buildExecutables({
    entry: join(repositoryFolder, 'test', 'fixtures', 'experiments', 'all.ts'),
    targets: allTargets,
    folder: output,
  });
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const machines = '{ "lab1": [1, 2], "lab2": [1, 2] }';
const [small, large] = ['a,b,c,d,e,f,g,h', 'x,a,b,a,c,d,y,e,f,g,h,z'];
const everywhere = ['--yes', '--cores', '2', '-o', 'random.seed=fixed', '-o', 'run.retries=0'];

interface Outcome {
  readonly rows: readonly string[];
  readonly merged: readonly string[];
  readonly reduced: unknown;
}

/** All jobs on one machine, in two starts; then on two machines, merged. No job runs twice. */
function runThrough(place: string, elsewhere: Elsewhere, program: string): Outcome {
  writeFileSync(join(place, 'machines.json'), machines);
  const start = (pool: string, notes: string, words: readonly string[]): void => {
    const environment = { FIXTURE: 'growing', POOL: pool, NOTES: notes };
    const { code, output } = runElsewhere(elsewhere, [program, ...words], place, environment);
    assert.equal(code, 0, `${words.join(' ')}: ${output.slice(-3_000)}`);
  };
  for (const pool of [small, large]) start(pool, 'notes.all', ['--machine', 'N/A', ...everywhere]);
  for (const machine of ['lab1', 'lab2']) start(large, 'notes.lab', ['--machine', machine, ...everywhere]);
  start(large, 'none', ['merge', 'fixture.lab1', 'fixture.lab2', '-o', 'random.seed=fixed']);
  for (const notes of ['notes.all', 'notes.lab'])
    assert.equal(readFileSync(join(place, notes), 'utf8').trim().split('\n').length, large.split(',').length);
  return {
    rows: rowsOf(place),
    merged: rowsOf(place, 'merged'),
    reduced: readSummary(join(place, 'fixture.merged')).reduced,
  };
}

const placeFor = (name: string): string => {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  return place;
};

describe('executables for all targets, built here', () => {
  it('are what they claim to be: format, signature, sums', () => {
    assert.deepEqual(
      made.map(({ target }) => target),
      allTargets,
    );
    for (const { target, path } of made) {
      assert.deepEqual(targetsOfBinary(path), [target]);
      if (target.startsWith('macos')) assert.equal(findSignatureProblem(readFileSync(path)), undefined);
    }
    assert.equal(new Set(made.map(({ code }) => code)).size, 1);
    writeSums(made.map(({ path }) => path));
    const check = spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: output, encoding: 'utf8' });
    assert.equal(check.status, 0, check.stdout + check.stderr);
  });

  it('the macOS ones are signed as LLVM signs them', () => {
    for (const target of ['macos-x64', 'macos-arm64']) {
      const copied = join(folder, basename(pathFor(target)));
      const { status, stderr } = spawnSync('llvm-objcopy', [pathFor(target), copied], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.equal(findSignatureProblem(readFileSync(copied)), undefined);
    }
  });

  const expected = (): unknown => runThrough(placeFor(`expected-${Math.random()}`), here, pathFor('linux-x64'));

  for (const [target, elsewhere, what] of [
    ['linux-x64', here, 'on this machine'],
    ['linux-arm64', arm64Linux(), 'under QEMU'],
    ['win-x64', windows(folder), 'under Wine'],
  ] as const) {
    it(`${target} ${what}: shares, workers, resume, merge, the same results`, { skip: elsewhere.why }, () => {
      const wanted = expected();
      elsewhere.open();
      try {
        const test = runElsewhere(elsewhere, [pathFor(target), '--self-test'], placeFor(`test-${target}`), {});
        assert.equal(test.code, 0, test.output);
        assert.deepEqual(runThrough(placeFor(target), elsewhere, pathFor(target)), wanted);
      } finally {
        elsewhere.close();
      }
    });
  }

  const old = chroot(folder, oldest);
  it(`linux-x64 in a minimal Debian ${oldest}`, { skip: old.why }, () => {
    const wanted = expected();
    const inside = join(folder, oldest);
    old.open();
    try {
      const place = join(inside, 'work');
      mkdirSync(place);
      copyFileSync(pathFor('linux-x64'), join(place, 'fixture'));
      // `chroot` goes to the root: the folder is named to a shell inside.
      const command = [...old.command, '/bin/sh', '-c', 'cd /work && exec "$@"', 'sh'];
      assert.deepEqual(runThrough(place, { ...old, command }, './fixture'), wanted);
    } finally {
      old.close();
    }
  });
});
