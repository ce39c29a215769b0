import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { emptyFolder, fixtureExecutable, readSummary, type Started, start } from '../fixtures/executable.ts';
import { MachineGroup } from '../fixtures/machine-group.ts';

const five = ['lab1', 'lab2', 'lab3', 'lab4', 'lab5'];
const machines = '{ "lab1": [1, 1], "lab2": [1, 1], "lab3": [1, 1], "lab4": [1, 1], "lab5": [1, 1] }';
const quick = { FIXTURE: 'slow', JOB_MS: '5' };

describe('rescue, on the built executable', () => {
  let program = '';
  let alone: unknown;
  before(async () => {
    program = await fixtureExecutable();
    const folder = emptyFolder();
    const words = ['--machine', 'N/A', '--yes', '--cores', '2'];
    assert.equal((await start(program, words, folder, quick).ended).code, 0);
    alone = readSummary(join(folder, 'fixture.all')).reduced;
  });

  const newGroup = (list = machines): MachineGroup => new MachineGroup(program, list, quick);

  const heard = async (run: Started, what: RegExp): Promise<void> => {
    while (!what.test(run.heard())) await wait(20);
  };

  async function assertWhole(group: MachineGroup, folders: readonly string[]): Promise<void> {
    const merged = await group.atDesk('merge', ...folders);
    assert.equal(merged.code, 0, merged.stderr);
    const { jobs, reduced } = readSummary(join(group.root, 'desk', 'fixture.merged'));
    assert.deepEqual([jobs.total, jobs.done, jobs.failed], [60, 60, 0]);
    assert.equal(reduced, alone);
    const proved = await group.atDesk('verify', join('fixture.merged', 'results.csv'));
    assert.equal(proved.code, 0, proved.stderr);
  }

  it('one of five killed for good at 40 %: the others take over, also one that runs; each job once, the same value; then it comes back', async () => {
    const group = newGroup();
    const gate = join(group.root, 'gate');
    const running = group.start('lab5', { GATE: gate });
    const dying = group.start('lab3', { JOB_MS: '150' });
    const others = ['lab1', 'lab2', 'lab4'].map((name) => group.run(name));
    await group.waitForSettled('lab3', 5);
    dying.kill('SIGKILL');
    for (const { code, stderr } of await Promise.all(others)) assert.equal(code, 0, stderr);
    await dying.ended;
    await heard(running, /12 of 12 jobs to run/);
    const rescued = await group.atDesk('rescue', '--lost', 'lab3', ...group.bringHome(...five));
    assert.equal(rescued.code, 0, rescued.stderr);
    assert.match(
      rescued.stderr,
      /number 1 \([0-9a-f]{12}\): [4-7] jobs\nlab1 +[12]\nlab2 +[12]\nlab4 +[12]\nlab5 +[12]\n/,
    );
    group.layRescue(...five);
    for (const name of ['lab1', 'lab2', 'lab4']) {
      const { code, stderr } = await group.run(name);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /Machine +lab\d: 1[34] of 60 jobs\nRescue +number 1/);
    }
    await heard(running, /rescue 1 has split jobs anew; going on by it\n1[34] of 1[34] jobs to run/);
    writeFileSync(gate, '');
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    const settled = five.flatMap((name) => group.settled(name));
    assert.equal(new Set(settled).size, settled.length);
    await assertWhole(group, group.bringHome(...five));
    // It comes back: with the file nothing is left for it, without the file what it does is done twice, and harmless.
    const before = group.settled('lab3').length;
    const back = await group.run('lab3');
    assert.equal(back.code, 0, back.stderr);
    assert.equal(group.settled('lab3').length, before);
    assert.equal(readSummary(group.runFolder('lab3')).jobs.total, before);
    rmSync(join(group.root, 'lab3', 'rescue.json'));
    const late = await group.run('lab3');
    assert.equal(late.code, 0, late.stderr);
    assert.equal(group.settled('lab3').length, 12);
    await assertWhole(group, group.bringHome(...five));
  });

  it('a slow one that runs gives up what it has not started; rescues in a row; a new machine; a lock that still holds', async () => {
    const group = newGroup('{ "lab1": [1, 1], "lab2": [1, 1] }');
    assert.equal((await group.atDesk('plan', '--lock')).code, 0);
    const gate = join(group.root, 'gate');
    const slow = group.start('lab2', { GATE: gate });
    assert.equal((await group.run('lab1')).code, 0);
    await heard(slow, /30 of 30 jobs to run/);
    const relieved = await group.atDesk('rescue', '--relieve', 'lab2', ...group.bringHome('lab1', 'lab2'));
    assert.equal(relieved.code, 0, relieved.stderr);
    assert.match(relieved.stderr, /number 1 .*: 30 jobs\nlab1 +30\n/);
    group.layRescue('lab1', 'lab2');
    await heard(slow, /rescue 1 has split/);
    writeFileSync(gate, '');
    const { code, stderr } = await slow.ended;
    assert.equal(code, 0, stderr);
    // Those that a worker had in hand.
    const kept = group.settled('lab2').length;
    assert.ok(kept > 0 && kept <= 2, String(kept));
    assert.match(stderr, new RegExp(`Jobs +${kept} done, 0 failed, 0 retried;`));
    // It has gone by the rescue: without it, it does not go on.
    rmSync(join(group.root, 'lab2', 'rescue.json'));
    const without = await group.run('lab2');
    assert.equal(without.code, 2);
    assert.match(without.stderr, /went on by rescue 1 \([0-9a-f]{12}\), and there is no rescue\.json any more/);
    // Before lab1 hears of it, a third machine is added and takes part in all that is left.
    group.setUp('desk', '{ "lab1": [1, 1], "lab2": [1, 1], "lab3": [3, 2] }');
    const second = await group.atDesk('rescue', ...group.bringHome('lab1', 'lab2'));
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stderr, /number 2.*\nlab1 +3 \(it had \d+ of them\)\nlab2 +[34]\nlab3 +2\d\n/);
    // Neither the lock nor the machines.json of a machine that knows nothing of the new one is in the way.
    const plan = await group.atDesk('plan');
    assert.equal(plan.code, 0, plan.stderr);
    group.setUp('lab3', '{ "lab1": [1, 1], "lab2": [1, 1] }');
    group.layRescue('lab1', 'lab2', 'lab3');
    for (const name of ['lab1', 'lab2', 'lab3']) {
      const end = await group.run(name);
      assert.equal(end.code, 0, end.stderr);
    }
    const folders = group.bringHome('lab1', 'lab2', 'lab3');
    await assertWhole(group, folders);
    const nothing = await group.atDesk('rescue', ...folders);
    assert.match(nothing.stderr, /Nothing to rescue/);
  });

  it('a pool that has grown is another one: the rescue is refused, and without it all begins with the shares', async () => {
    const pool = (names: string) => ({ FIXTURE: 'growing', POOL: names });
    const list = '{ "lab1": [1, 1], "lab2": [1, 1] }';
    const group = new MachineGroup(program, list, pool('a,b,c,d'));
    const seed = ['-o', 'random.seed=fixed'];
    assert.equal((await group.run('lab1', {}, seed)).code, 0);
    assert.equal((await group.atDesk('rescue', ...seed, '--lost', 'lab2', ...group.bringHome('lab1'))).code, 0);
    group.layRescue('lab1');
    assert.equal((await group.run('lab1', {}, seed)).code, 0);
    assert.equal(group.settled('lab1').length, 4);
    const grown = await group.run('lab1', pool('a,b,c,d,e,f'), seed);
    assert.equal(grown.code, 2);
    assert.match(
      grown.stderr,
      /about another experiment: 4 jobs then, 6 now\n.*move rescue\.json away on all machines/,
    );
    rmSync(join(group.root, 'lab1', 'rescue.json'));
    const anew = await group.run('lab1', pool('a,b,c,d,e,f'), seed);
    assert.equal(anew.code, 0, anew.stderr);
  });

  it('the same rescue whoever makes it and however the folders are named; one that is damaged, older or of another experiment is refused', async () => {
    const list = '{ "lab1": [1, 1], "lab2": [1, 2], "lab3": [0.3, 1] }';
    const group = newGroup(list);
    assert.equal((await group.run('lab1')).code, 0);
    assert.equal((await group.run('lab2')).code, 0);
    const [one = '', two = ''] = group.bringHome('lab1', 'lab2');
    const path = join(group.root, 'desk', 'rescue.json');
    const texts: string[] = [];
    writeFileSync(path, '');
    const empty = await group.atDesk('rescue', '--lost', 'lab3', one, two);
    assert.equal(empty.code, 2);
    assert.match(empty.stderr, /rescue\.json cannot be used: .*\n.*copy it again/);
    for (const folders of [[one, two], [two, one, one], []]) {
      rmSync(path);
      assert.equal((await group.atDesk('rescue', '--lost', 'lab3', ...folders)).code, 0);
      texts.push(readFileSync(path, 'utf8'));
    }
    assert.equal(new Set(texts).size, 1);
    const unknown = await group.atDesk('rescue', '--lost', 'lab4', one, two);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /--lost: no plan names a machine "lab4"/);
    // Laid in the last moment of a share, by its jobs.
    const last = newGroup(list);
    const taken = await last.run('lab1', { LAY: path });
    assert.equal(taken.code, 0, taken.stderr);
    assert.match(taken.stderr, /rescue 1 has split jobs anew/);
    const share = group.settled('lab1').length;
    assert.ok(last.settled('lab1').length > share, `${last.settled('lab1').length} of more than ${share}`);
    group.layRescue('lab1');
    assert.equal((await group.run('lab1')).code, 0);
    const [first = ''] = texts;
    const inLab1 = join(group.root, 'lab1', 'rescue.json');
    writeFileSync(inLab1, first.replace('"lost": [\n        "lab3"', '"lost": [\n        "lab2"'));
    const changed = await group.run('lab1');
    assert.equal(changed.code, 2);
    assert.match(changed.stderr, /rescue\.json cannot be used: rescue 1: its digest does not fit/);
    rmSync(inLab1);
    const gone = await group.run('lab1');
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /went on by rescue 1 \([0-9a-f]{12}\), and there is no rescue\.json any more/);
    group.layRescue('lab1');
    const other = await group.run('lab1', {}, ['-o', 'random.seed=7']);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /rescue\.json is about another experiment/);
    group.setUp('lab1', '{ "lab1": [7, 1], "lab2": [1, 2], "lab3": [0.3, 1] }');
    const weights = await group.run('lab1');
    assert.equal(weights.code, 2);
    assert.match(
      weights.stderr,
      /machines\.json has changed since the last rescue: lab1: weight is 7 here, 1 in rescue\.json/,
    );
  });
});
