import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type Ended, emptyFolder, fixtureExecutable, readSummary, start } from '../fixtures/executable.ts';

let program = '';
before(async () => {
  program = await fixtureExecutable();
});

/** Runs the experiment that does this there. */
async function run(at: string, how: string, folder = emptyFolder(), more = {}): Promise<Ended> {
  const variables = { FIXTURE: 'ending', FIXTURE_AT: at, FIXTURE_HOW: how, ...more };
  return start(program, ['--machine', 'N/A', '--yes'], folder, variables).ended;
}

describe('an experiment that waits for what never happens', () => {
  for (const [at, said] of [
    ['file', /^the experiment's file \(\w+\) threw while .*/m],
    ['jobs', /^jobs failed: .*/m],
    ['setup', /^setup failed: .*/m],
    ['teardown', /^teardown failed: .*/m],
  ] as const) {
    it(`in ${at} is told: exit 2`, async () => {
      const { code, stderr } = await run(at, 'wait');
      assert.equal(code, 2, stderr);
      assert.match(stderr.match(said)?.[0] ?? stderr, /: Error: it waits for something that never happens/);
    });
  }

  it('in onResult is told, and the run comes to its end', async () => {
    const folder = emptyFolder();
    const { code, stderr } = await run('onResult', 'wait', folder);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /onResult failed: Error: it waits for something that never happens/);
    assert.match(stderr, /onResult failed 20 times in all.*\n(?:.*\n)*?Jobs +20 done/);
    assert.equal(readSummary(join(folder, 'fixture.all')).reduced, 190);
    assert.ok(!existsSync(join(folder, 'fixture.all', 'lock.json')));
  });
});

describe('an experiment that ends the program', () => {
  const told = (code: number, hint: string, place = '( +at .*ending\\.ts.*\\n)+'): RegExp =>
    new RegExp(`^the experiment's code ended the program, by process\\.exit\\(${code}\\)\\n${place} {2}${hint}`, 'm');

  for (const [at, how] of [
    ['file', 'exit'],
    ['file', 'exit in a timer'],
    ['file', 'exit by another name'],
    ['jobs', 'exit'],
    ['setup', 'exit by another name'],
    ['onResult', 'exit'],
  ] as const) {
    it(`(${at}, ${how}) is told with the place: exit 2`, async () => {
      const { code, stderr } = await run(at, how);
      assert.equal(code, 2, stderr);
      assert.match(stderr, told(3, 'throw an Error instead'));
    });
  }

  for (const how of ['exit given to a promise', 'exit given to a timer']) {
    it(`(${how}) is told where nobody knows the place: exit 2`, async () => {
      const { code, stderr } = await run('jobs', how);
      assert.equal(code, 2, stderr);
      assert.match(stderr, told(3, 'throw an Error instead', ''));
    });
  }

  it('when nothing is left to happen, is not told of signals', async () => {
    const { code, stderr } = await run('file', 'exit at the end');
    assert.equal(code, 2, stderr);
    assert.match(stderr, told(0, 'throw an Error instead'));
  });

  for (const [how, by, code] of [
    ['exit at a signal', 1, 1],
    ['exit some time after a signal', 130, 130],
    // What was stopped is not done.
    ['exit 0 at a signal', 0, 5],
  ] as const) {
    it(`(${how}) is told to leave signals to the program: exit ${code}`, async () => {
      const ended = await run('setup', how);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, told(by, 'remove its listener of the signal'));
    });
  }

  for (const [how, by, fails, code] of [
    ['exit 0', 0, '', 0],
    ['exit 0', 0, '1', 3],
    ['exit', 3, '', 2],
  ] as const) {
    it(`(teardown, ${how}${fails && ', a job has failed'}) is told that the results are there: exit ${code}`, async () => {
      const folder = emptyFolder();
      const ended = await run('teardown', how, folder, { FAILS: fails });
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, told(by, 'nothing is lost, the results are in .*fixture\\.all;'));
      assert.equal(readSummary(join(folder, 'fixture.all')).reduced, fails ? 187 : 190);
    });
  }
});
