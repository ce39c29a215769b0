import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { emptyFolder, fixtureExecutable, start } from '../fixtures/executable.ts';
import { MachineGroup } from '../fixtures/machine-group.ts';

describe('calibrate and simulate, on the built executable', () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  it('measures this machine with jobs of the pool, proposes its entry, leaves nothing behind', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2] }');
    const words = ['calibrate', '--machine', 'lab1', '--jobs', '8'];
    const { code, stdout, stderr } = await start(program, words, folder, { FIXTURE: 'slow', JOB_MS: '40' }).ended;
    assert.equal(code, 0, stderr);
    const [, weight, cores] = /^"lab1": \[([\d.]+), (\d)\]\n$/.exec(stdout) ?? [];
    assert.equal(cores, '2');
    // A job takes 40 ms and a bit, which on a busy machine may be more.
    assert.ok(Number(weight) > 2 && Number(weight) <= 25, stdout);
    assert.match(stderr, /Alone +\d+[\s\S]*2 cores do the work of [\d.]+\n/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('fixture')),
      [],
    );
  });

  it('from folders: new weights, what was predicted and what came; simulate plays with these times', async () => {
    const group = new MachineGroup(program, '{ "lab1": [1, 1], "lab2": [1, 1], "lab3": [1, 1] }', {
      FIXTURE: 'slow',
      JOB_MS: '5',
    });
    const [fast, slow] = await Promise.all([group.run('lab1', { JOB_MS: '20' }), group.run('lab2', { JOB_MS: '100' })]);
    assert.deepEqual([fast.code, slow.code], [0, 0], fast.stderr + slow.stderr);
    const folders = group.bringHome('lab1', 'lab2');
    const calibrated = await group.atDesk('calibrate', ...folders);
    assert.equal(calibrated.code, 0, calibrated.stderr);
    const entries: Record<string, readonly [number, number]> = JSON.parse(calibrated.stdout);
    const [one = 0, two = 0] = [entries.lab1?.[0], entries.lab2?.[0]];
    assert.ok(one > 1.5 * two, calibrated.stdout);
    assert.deepEqual(entries.lab3, [1, 1]);
    assert.match(calibrated.stderr, /lab1 +weight 1 → 1\.\d+; .* a job; predicted .*, took .*\n/);
    assert.match(
      calibrated.stderr,
      /Imbalance +the last is ready after .* \(\d+ % later\)\nwarning: nothing is known of lab3/,
    );
    const none = await group.atDesk('calibrate', 'nowhere');
    assert.equal(none.code, 2);

    const played = await group.atDesk('simulate', '--kill', 'lab2@40%', '--slow', 'lab3x3', ...folders);
    assert.equal(played.code, 0, played.stderr);
    assert.match(
      played.stdout,
      /^lab1 +20 jobs, ready after .*\nlab2 +20 jobs, dies after .*, 8 done\nlab3 +20 jobs, ready after/,
    );
    assert.match(played.stdout, /As it stands: never complete, 12 jobs left/);
    assert.match(played.stdout, /rescue --lost, made after .*: complete after/);
    assert.match(played.stdout, /weights set right, made after .*: complete after/);
    assert.match(played.stderr, /those of the journals/);
    const whole = await group.atDesk('simulate', '--json', '--jobs', '1000000000', '--job-time', '30s');
    assert.equal(JSON.parse(whole.stdout).plain.left, 0);
    for (const [words, problem] of [
      [['--kill', 'lab2'], /write lab2@40%/],
      [['--slow', 'lab9x3'], /no plan names a machine "lab9"/],
    ] as const) {
      const refused = await group.atDesk('simulate', ...words);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, problem);
    }
    assert.ok(!existsSync(join(group.root, 'desk', 'rescue.json')));
  });
});
