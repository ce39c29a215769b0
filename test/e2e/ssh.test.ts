import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Ended, emptyFolder, fixtureExecutable, type Started, start } from '../fixtures/executable.ts';
import { readText, until } from '../fixtures/processes.ts';
import { openScreen } from '../fixtures/screen.ts';
import { settledJobsOf } from '../fixtures/settled-jobs.ts';
import { SshLab, whyNoSshLab } from '../fixtures/ssh-lab.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
/** Machines may be slow while other tests run. */
const eventually = (what: string, holds: () => boolean): Promise<void> => until(what, holds, 60_000);
const quick = { FIXTURE: 'slow', JOB_MS: '5' };

describe('other machines by a real sshd', { skip: whyNoSshLab() }, () => {
  let program = '';
  let lab: SshLab;
  const folders: string[] = [];
  before(async () => {
    program = await fixtureExecutable();
    lab = await SshLab.open(['FIXTURE', 'JOB_MS', 'HOLD']);
    const home = lab.addMachine('well', '/bin/bash');
    writeFileSync(join(home, '.bashrc'), 'echo "welcome to this machine"\n');
  });
  after(() => {
    lab?.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** Where somebody sits, with these machines in machines.json. */
  function desk(hosts: Readonly<Record<string, string | undefined>>): string {
    const folder = emptyFolder();
    folders.push(folder);
    const machines = Object.entries(hosts).map(([name, host]) => [
      name,
      { weight: 1, cores: 1, ...(host && { host }) },
    ]);
    writeFileSync(join(folder, 'machines.json'), JSON.stringify(Object.fromEntries(machines)));
    return folder;
  }

  function begin(folder: string, words: readonly string[], more: Readonly<Record<string, string>> = {}): Started {
    const flags = words[0] === 'rescue' ? words : [...words, '--ssh-config', lab.config];
    return start(program, flags, folder, { ...quick, PATH: '/usr/bin:/bin', TMPDIR: lab.root, ...more });
  }

  const at = (folder: string, words: readonly string[], more = {}): Promise<Ended> => begin(folder, words, more).ended;

  async function expectCode(code: number, ended: Promise<Ended>): Promise<Ended> {
    const end = await ended;
    assert.equal(end.code, code, end.stderr);
    return end;
  }

  const assertNobodyWasHurt = (...places: readonly string[]): void => {
    for (const place of places) {
      const names = readdirSync(place, { recursive: true, encoding: 'utf8' });
      assert.deepEqual(
        names.filter((name) => /(^|\/)hurt/.test(name)),
        [],
      );
    }
  };

  /** Programs that were put in their place. */
  const programsIn = (folder: string): readonly string[] =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('all-linux-')) : [];
  const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

  it('three machines with names for which shells were made: deploy, status, one dies, rescue, deploy, collect: each job once', async () => {
    const names = ["lab 1's", '$(touch hurt)', '`touch hurt`"; touch hurt; "'];
    const [one = '', two = '', three = ''] = names;
    const homes = [
      lab.addMachine('one', '/bin/sh'),
      lab.addMachine('two', '/usr/bin/fish'),
      lab.addMachine('three', '/bin/tcsh'),
    ];
    const folder = desk({ [one]: 'one', [two]: 'two', [three]: 'three', desk: undefined });
    // The desk computes its share itself, and has done so already.
    const hold = join(lab.root, 'hold');
    writeFileSync(hold, '');
    const slow = { FIXTURE: 'odd', HOLD: hold };
    const own = start(program, ['--machine', 'desk', '--yes'], folder, { FIXTURE: 'odd' });
    await expectCode(0, own.ended);
    const place = ['--remote-folder', "~/a b's $(touch hurt)/`touch hurt` [x]*"];
    const deployed = await expectCode(0, at(folder, ['deploy', ...place], slow));
    for (const [name, host] of [
      [one, 'one'],
      [two, 'two'],
      [three, 'three'],
    ] as const)
      assert.ok(
        deployed.stderr.includes(`\n${name.padEnd(28)}  ${host.padEnd(5)}  linux-x64  copied program, 3 files`),
        deployed.stderr,
      );
    assert.match(deployed.stderr, /desk has no host in machines.json; start it there: /);
    const settledAt = (machine: number): readonly number[] => {
      const there = join(homes[machine] ?? '', "a b's $(touch hurt)", '`touch hurt` [x]*');
      return readdirSync(there).flatMap((name) => settledJobsOf(join(there, name, 'journal.jsonl')));
    };
    await eventually('each has done three', () => [0, 1, 2].every((machine) => settledAt(machine).length === 3));
    const status = await expectCode(0, at(folder, ['status', '--remote', ...place], slow));
    assert.match(status.stdout, /lab 1's .*running on/);
    const again = await expectCode(0, at(folder, ['deploy', ...place], slow));
    assert.match(again.stderr, /one +linux-x64 +nothing to copy +running already/);
    lab.powerCut('three');
    assert.equal(settledAt(2).length, 3);
    const partial = await expectCode(0, at(folder, ['collect', '--no-merge', ...place], slow));
    assert.match(partial.stderr, /three {2}\d+ files?/);
    const runFolders = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'journal.jsonl')));
    assert.equal(runFolders.length, 4);
    await expectCode(0, at(folder, ['rescue', '--lost', three, ...runFolders], slow));
    const rescued = await expectCode(0, at(folder, ['deploy', ...place], slow));
    assert.match(rescued.stderr, /one +linux-x64 +copied rescue.json +running already\n/);
    assert.match(rescued.stderr, /Left out, as rescue.json has given them up: `touch hurt`/);
    const lookedAt = await expectCode(0, at(folder, ['status', '--remote', ...place], slow));
    assert.match(lookedAt.stdout, /`touch hurt`.* given up by rescue.json and not asked; name it to ask it/);
    rmSync(hold);
    // The desk's part of the rescue.
    await expectCode(0, start(program, ['--machine', 'desk', '--yes'], folder, { FIXTURE: 'odd' }).ended);
    const watched = await expectCode(
      0,
      at(folder, ['status', '--remote', '--watch', '--json', one, two, ...place], slow),
    );
    const last = JSON.parse(watched.stdout.trim().split('\n').at(-1) ?? '');
    assert.deepEqual(
      last.folders.map(({ state }: { readonly state: string }) => state),
      ['finished', 'finished'],
    );
    const collected = await expectCode(0, at(folder, ['collect', ...place], slow));
    assert.match(collected.stderr, /Complete +each of the 60 jobs succeeded/);
    assert.doesNotMatch(collected.stderr, /Evidence/);
    const settled = runFolders.flatMap((name) => settledJobsOf(join(folder, name, 'journal.jsonl')));
    assert.equal(settled.length, 60);
    assert.equal(new Set(settled).size, 60);
    assertNobodyWasHurt(folder, ...homes);
  });

  it('connections that break in the middle of a copy: it goes on where it was, and nothing half is ever called a program', async () => {
    const home = lab.addMachine('far');
    let [limit, passed] = [Number.POSITIVE_INFINITY, 0];
    const wire = await lab.openWire(
      () => limit,
      (bytes) => (passed += bytes),
    );
    lab.nameHost('shaky', 'far', { port: wire.port });
    const folder = desk({ lab1: 'shaky' });
    const there = join(home, 'job-splitter', 'fixture');
    const partIn = (): number =>
      (existsSync(there) ? readdirSync(there) : [])
        .filter((name) => name.endsWith('.part'))
        .reduce((sum, name) => sum + (statSync(join(there, name), { throwIfNoEntry: false })?.size ?? 0), 0);
    try {
      // First the desk loses power.
      const dying = begin(folder, ['deploy', '--no-start']);
      await eventually('some has arrived', () => partIn() > 5_000_000);
      dying.kill('SIGKILL');
      await dying.ended;
      await eventually('nothing more arrives', () => lab.processes('far') === 0);
      const arrived = partIn();
      assert.deepEqual(programsIn(there), []);
      const total = statSync(program).size;
      assert.ok(arrived < total);
      // Then each connection dies after a while.
      [limit, passed] = [40_000_000, 0];
      const deployed = await expectCode(0, at(folder, ['deploy', '--no-start']));
      assert.match(deployed.stderr, /lab1 +shaky +linux-x64 +copied program.*not started/);
      const [name = ''] = programsIn(there);
      assert.equal(hashOf(join(there, name)), hashOf(program));
      assert.equal(partIn(), 0);
      // What had arrived was not sent again, but for what was on the way when a connection died.
      assert.ok(passed < total - arrived + 30_000_000, `${passed} of ${total - arrived}`);
      assert.ok(wire.connections() > 3, `${wire.connections()}`);
      // And the way home, for 4 MB of results.
      limit = Number.POSITIVE_INFINITY;
      const bulky = { FIXTURE: 'bulky' };
      await expectCode(0, at(folder, ['deploy'], bulky));
      await eventually('all is done', () => lab.processes('far') === 0);
      limit = 1_500_000;
      const collected = await expectCode(0, at(folder, ['collect'], bulky));
      assert.match(collected.stderr, /Complete +each of the 100 jobs/);
      for (const file of ['journal.jsonl', 'results.csv'])
        assert.equal(hashOf(join(folder, 'fixture.lab1', file)), hashOf(join(there, 'fixture.lab1', file)), file);
    } finally {
      wire.close();
    }
  });

  it('a key that changed, a machine that is off, an account without a shell: each is named; the others go on, behind a gateway and with one home for two', async () => {
    lab.addMachine('shut', '/usr/sbin/nologin');
    lab.nameHost('changed', 'well', { key: 'other-host-key' });
    lab.nameHost('off', 'well', { port: 1 });
    lab.nameHost('behind', 'well');
    lab.addHosts('Host behind\n  ProxyJump well\n');
    const folder = desk({
      lab1: 'changed',
      lab2: 'off',
      lab3: 'shut',
      lab4: 'well',
      lab5: 'nowhere.invalid',
      lab6: 'behind',
    });
    const { stderr } = await expectCode(6, at(folder, ['deploy']));
    assert.match(stderr, /changed: its host key has changed.*nothing was sent.*\n.*ssh-keygen -R changed,/);
    assert.match(stderr, /off: no connection \(ssh: connect to host 127.0.0.1 port 1: Connection refused\)/);
    assert.match(stderr, /shut runs neither sh nor PowerShell; it said: "This account is currently not available/);
    assert.match(stderr, /nowhere.invalid: no such host is known/);
    assert.match(stderr, /lab4 +well +linux-x64 +copied program.*(running|finished)/);
    assert.match(stderr, /lab6 +behind +linux-x64 +copied .*(running|finished)/);
    const elsewhere = await expectCode(6, at(folder, ['deploy', 'lab4', '--remote-folder', '/proc/nowhere']));
    assert.match(elsewhere.stderr, /well: the folder cannot be made or read \(mkdir: .*\n.*--remote-folder FOLDER/);
    const without = await expectCode(6, at(folder, ['deploy', 'lab4'], { PATH: lab.root }));
    assert.match(without.stderr, /there is no ssh on the PATH\n {2}install OpenSSH/);
    const unknown = await expectCode(2, at(folder, ['deploy', 'lab44']));
    assert.match(unknown.stderr, /names no machine "lab44"\n {2}is lab4 meant\?/);
    const status = await expectCode(6, at(folder, ['status', '--remote', '--json']));
    const { folders: known, others } = JSON.parse(status.stdout);
    assert.deepEqual(
      known.map(({ machine }: { readonly machine: string }) => machine),
      ['lab4', 'lab6'],
    );
    assert.deepEqual(
      others.map(({ machine }: { readonly machine: string }) => machine),
      ['lab1', 'lab2', 'lab3', 'lab5'],
    );
    const { stderr: missing } = await expectCode(6, at(folder, ['collect']));
    assert.match(missing, /Missing .*jobs? of lab1/);
  });

  it('on a terminal each machine has a line that changes; in the end there is a table', {
    skip: !hasPython && 'needs python3',
  }, async () => {
    lab.addMachine('near');
    lab.nameHost('unlike', 'near', { key: 'other-host-key' });
    const folder = desk({ lab1: 'near', 'lab number 2': 'unlike' });
    const words = ['deploy', '--no-start', '--ssh-config', lab.config];
    const environment = { ...quick, PATH: '/usr/bin:/bin', TMPDIR: lab.root };
    const screen = openScreen(program, words, { columns: 100, rows: 20, folder, environment });
    await screen.until(/^lab number 2 {2}failed\nlab1 {10}copying program, \d+% of \d+ MiB$/m);
    assert.equal(await screen.ended, 6);
    assert.match(
      screen.history().join('\n'),
      /^Deploying .*\nlab number 2 +unlike +failed\nunlike: its host key[\s\S]*\nlab1 +near +linux-x64 +copied program, 3 files +not started$/m,
    );
    assert.ok(screen.raw().lastIndexOf('[?25h') > screen.raw().lastIndexOf('[?25l'), 'the cursor is hidden');
  });

  it('connections that the user shares are gone through: here one that was opened by hand, with a key that ssh finds no more', async () => {
    lab.nameHost('token', 'well');
    lab.addHosts(`Host token\n  ControlPath "${lab.root}/shared"\n`);
    lab.addHosts(`Host token-by-hand\n  ControlPath "${lab.root}/shared"\n`);
    lab.nameHost('token-by-hand', 'well');
    const folder = desk({ lab1: 'token' });
    lab.addHosts('Host token\n  PubkeyAuthentication no\n');
    const refused = await expectCode(6, at(folder, ['deploy', '--no-start']));
    assert.match(refused.stderr, /token: it does not let you in without a question.*\n.*ssh-copy-id -F \S+ token/);
    const words = ['-F', lab.config, '-o', 'ControlMaster=yes', 'token-by-hand', 'cat'];
    const byHand = spawn('/usr/bin/ssh', words, { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      await eventually('it is open', () => existsSync(join(lab.root, 'shared')));
      await expectCode(0, at(folder, ['deploy', '--no-start']));
    } finally {
      byHand.stdin.end();
    }
  });

  it('files that differ there are refused by name; a machine that runs is stopped from here; what links lead to stays there', async () => {
    const home = lab.addMachine('strict');
    lab.addHosts('Host strict\n  SetEnv FIXTURE=sum\n');
    const folder = desk({ lab1: 'strict' });
    const refused = await expectCode(6, at(folder, ['deploy']));
    assert.match(refused.stderr, /lab1 +strict .*ended with exit code 4\n(.*\n)*? {2}\| pool differs/);
    lab.nameHost('loose', 'strict');
    const slow = { JOB_MS: '400' };
    const loose = desk({ lab1: 'loose' });
    await expectCode(0, at(loose, ['deploy'], slow));
    const stopped = await expectCode(0, at(loose, ['stop', '--remote']));
    assert.match(stopped.stderr, /lab1: .*starts nothing new/);
    await eventually('it has ended', () => lab.processes('strict') === 0);
    const there = join(home, 'job-splitter', 'fixture', 'fixture.lab1');
    mkdirSync(join(there, 'files', '1'), { recursive: true });
    symlinkSync('/etc/passwd', join(there, 'files', '1', 'link'));
    symlinkSync('/etc', join(there, 'files', '2'));
    writeFileSync(join(there, 'files', '1', 'a\nb'), 'x');
    writeFileSync(join(there, 'files', '1', 'a:b'), 'x');
    const collected = await expectCode(6, at(loose, ['collect'], slow));
    assert.match(collected.stderr, /left there, for its name: "files\/1\/a:b"/);
    assert.equal(existsSync(join(loose, 'fixture.lab1', 'files')), false);
    // Going on there, and coming home again: only what is new.
    await expectCode(0, at(loose, ['deploy'], quick));
    await eventually(
      'all is done',
      () =>
        readText(join(there, 'summary.json')).includes('"done":60'.replace(':', ': ')) ||
        settledJobsOf(join(there, 'journal.jsonl')).length === 60,
    );
    await eventually('it has ended', () => lab.processes('strict') === 0);
    const whole = await expectCode(0, at(loose, ['collect']));
    assert.match(whole.stderr, /Complete/);
    assert.equal(hashOf(join(loose, 'fixture.lab1', 'journal.jsonl')), hashOf(join(there, 'journal.jsonl')));
    // A fresh run there is another one: what was brought home before is kept.
    rmSync(there, { recursive: true });
    await expectCode(0, at(loose, ['deploy']));
    await eventually('all is done anew', () => existsSync(join(there, 'summary.json')));
    const anew = await expectCode(0, at(loose, ['collect', '--no-merge']));
    assert.match(anew.stderr, /the run there is another one; what was collected before is in .*old\.fixture\.lab1/);
  });
});
