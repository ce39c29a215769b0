import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { emptyFolder, fixtureExecutable, readSummary } from '../fixtures/executable.ts';
import { openScreen, type Screen } from '../fixtures/screen.ts';

const missing =
  process.platform !== 'linux'
    ? 'the name of a parent is read from /proc'
    : spawnSync('python3', ['--version']).status !== 0 && 'python3 is not installed';

/** A file manager starts a terminal, and that the program: no words, in the home folder, no shell behind it. */
describe('after a double-click', { skip: missing }, () => {
  let program = '';
  /** Beside the test executable, on the same disk. */
  let stick = '';
  before(async () => {
    const built = await fixtureExecutable();
    stick = join(dirname(built), `stick-${process.pid}`);
    mkdirSync(stick);
    program = join(stick, 'fixture');
    linkSync(built, program);
  });
  after(() => rmSync(stick, { recursive: true }));

  const doubleClick = (home: string, words: readonly string[] = [], terminalName = 'xterm'): Screen =>
    openScreen(program, words, {
      columns: 90,
      rows: 24,
      folder: home,
      terminalName,
      environment: { FIXTURE: 'slow', HOME: home },
    });

  it('finds its files beside the executable, shows how far it is in the title, stays open until Enter', async () => {
    const home = emptyFolder();
    const screen = doubleClick(home);
    await screen.until(/Which machine/);
    assert.ok(existsSync(join(stick, 'machines.json')));
    screen.type('\\r');
    await screen.until(/Start\?/);
    screen.type('y\\r');
    await screen.until(() => /^[1-9]\d? % fixture$/.test(screen.title()));
    await screen.until(/Jobs +60 done[\s\S]*Press Enter to close this window/);
    assert.equal(screen.title(), '100 % fixture');
    screen.type('\\r');
    assert.equal(await screen.ended, 0);
    assert.equal(readSummary(join(stick, 'fixture.all')).jobs.done, 60);
    assert.deepEqual(readdirSync(home), []);
  });

  it('an error stays readable, too', async () => {
    writeFileSync(join(stick, 'machines.json'), '{ lab1: [1, 2] }');
    const screen = doubleClick(emptyFolder());
    await screen.until(/machines\.json:1:3[\s\S]*Press Enter to close this window/);
    screen.type('\\r');
    assert.equal(await screen.ended, 2);
  });

  it('from a shell, or with words, nothing waits and the title is left alone', async () => {
    writeFileSync(join(stick, 'machines.json'), '{ lab1: [1, 2] }');
    for (const parent of ['bash', 'strace']) {
      const fromShell = doubleClick(emptyFolder(), [], parent);
      assert.equal(await fromShell.ended, 2);
      assert.doesNotMatch(fromShell.raw(), /Press Enter/);
    }
    const withWords = doubleClick(stick, ['--machine', 'N/A', '--yes', '--cores', '2']);
    assert.equal(await withWords.ended, 2);
    assert.doesNotMatch(withWords.raw(), /Press Enter/);
    assert.equal(withWords.title(), '');
  });
});
