import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { repositoryFolder } from '../../build/folders.ts';
import { emptyFolder, fixtureExecutable, readSummary } from '../fixtures/executable.ts';
import { forgetOutcomes, pretendOtherCode, runGrowing } from '../fixtures/growing.ts';

const missing = spawnSync('python3', ['--version']).status === 0 ? false : 'python3 is not installed';

describe('in a real pseudo-terminal', { skip: missing }, () => {
  let program = '';
  before(async () => {
    program = await fixtureExecutable();
  });

  function talk(folder: string, fixture: string, ...script: readonly string[]): string {
    const words = [join(repositoryFolder, 'test', 'fixtures', 'terminal.py'), folder, program, ...script];
    const { stdout } = spawnSync('python3', words, { encoding: 'utf8', env: { ...process.env, FIXTURE: fixture } });
    return stripVTControlCharacters(stdout);
  }

  it('asks which machine this is, shows the digest, asks to start, shows board and summary', () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'machines.json'), `{ "another": [1, 2], ${JSON.stringify(hostname())}: [1, 2] }`);
    const seen = talk(folder, 'slow', 'Which machine', '\\r', 'Start?', 'y\\r');
    for (const part of [
      /another.*2 cores, 30 jobs/,
      /N\/A/,
      /Digest +(\w+ ){5}\w+/,
      /Start\?.* yes/,
      /total +[█░▏▎▍▌▋▊▉]+/,
      /Jobs +30 done, 0 failed/,
    ]) {
      assert.match(seen, part);
    }
    assert.match(seen, /EXIT 0/);
    // The host's own name stood on top of the choice.
    assert.equal(readSummary(join(folder, `fixture.${hostname()}`)).jobs.done, 30);
  });

  it('goes on to the end of running jobs at the first Ctrl-C, exit 5', () => {
    const folder = emptyFolder();
    const seen = talk(folder, 'slow', 'Which machine', '\\r', 'Start?', 'y\\r', 'total', '\\x03');
    assert.match(seen, /waiting for \d+ jobs?.*; again = stop now/);
    assert.match(seen, /EXIT 5/);
  });

  it('an onResult that waits for what never happens is told, and the run comes to its end', () => {
    const [at, how] = ['FIXTURE_AT', 'FIXTURE_HOW'];
    Object.assign(process.env, { [at]: 'onResult', [how]: 'wait' });
    const seen = talk(emptyFolder(), 'ending', 'Which machine', '\\r', 'Start?', 'y\\r');
    for (const name of [at, how]) delete process.env[name];
    assert.match(seen, /warning: onResult failed: Error: it waits for something that never happens/);
    assert.match(seen, /Jobs +20 done[\s\S]*EXIT 0/);
  });

  it('asks whether to go on with other code: no refuses, yes goes on', async () => {
    const folder = emptyFolder();
    assert.equal((await runGrowing(program, folder, 'a,b,c')).code, 0);
    forgetOutcomes(folder);
    pretendOtherCode(folder);
    const started = ['Which machine', '\\r', 'Start?', 'y\\r', 'Other code: old c0dec0dec0dec0de, new '] as const;
    const refused = talk(folder, 'growing', ...started, 'n\\r');
    assert.match(refused, /computed by other code \(c0dec0dec0dec0de, now [0-9a-f]{16}\)[\s\S]*--accept-code/);
    assert.match(refused, /EXIT 2/);
    // The preselected answer is no.
    assert.match(talk(folder, 'growing', ...started, '\\r'), /EXIT 2/);
    const accepted = talk(folder, 'growing', ...started, 'y\\r');
    assert.match(accepted, /Jobs +3 done, 0 failed/);
    assert.match(accepted, /EXIT 0/);
  });

  it('a typed name chooses that machine', () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'machines.json'), '{ "lab1": [1, 2], "lab2": [1, 2], "lab12": [1, 2] }');
    for (const name of ['lab2', 'lab12', 'n/a']) {
      const seen = talk(folder, 'slow', 'Which machine', `${name}\\r`, 'Start?', '\\x03');
      assert.match(seen, new RegExp(`^Machine +${name}:`, 'im'));
    }
  });

  it('leaves at Ctrl-C in the question', () => {
    const folder = emptyFolder();
    assert.match(talk(folder, 'sum', 'Which machine', '\\x03'), /EXIT 130/);
    // The end of what is typed.
    assert.match(talk(folder, 'sum', 'Which machine', '\\x04'), /EXIT 130/);
    assert.match(talk(folder, 'sum', 'Which machine', '\\r', 'Start?', '\\x04'), /EXIT 130/);
  });
});
