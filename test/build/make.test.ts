import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';

/** As from a shell: this test may itself be started by make. */
const { MAKELEVEL: _level, MAKEFLAGS: _flags, MFLAGS: _old, ...environment } = process.env;

function call(program: string, words: readonly string[], more: Record<string, string> = {}): readonly [number, string] {
  const env = { ...environment, ...more };
  const { status, stderr } = spawnSync(program, words, { cwd: repositoryFolder, env, encoding: 'utf8' });
  return [status ?? -1, stderr];
}

describe('variables given to make', () => {
  const noMake = ['/usr/bin/make', '/bin/make'].some(existsSync) ? false : 'for want of make';
  const script = join('scripts', 'make.mjs');

  it('without make: an unknown one is refused, with what is near', () => {
    assert.deepEqual(call('node', [script, 'help', 'ASETS=x y']), [
      2,
      'There is no variable ASETS; is ASSETS meant?\n',
    ]);
    assert.deepEqual(call('node', [script, 'help', 'entry=x']), [2, 'There is no variable entry; is ENTRY meant?\n']);
    assert.match(
      call('node', [script, 'help', 'WHATEVER=1'])[1],
      /no variable WHATEVER; known: ENTRY, TARGETS, .*NODE/,
    );
    assert.deepEqual(call('node', [script, 'help', 'ENTRY=x', 'NODE=1']), [0, '']);
  });

  it('on the command line of make, whatever the values hold', { skip: noMake }, () => {
    assert.match(
      call('make', ['help', 'ENTRY=a b.ts', 'ASETS=c\\ d=e'])[1],
      /^There is no variable ASETS; is ASSETS meant\?/,
    );
    assert.deepEqual(call('make', ['-j2', 'help', 'ENTRY=a ASETS=b', 'NODE=1', 'SEED=\\']), [0, '']);
    // What surrounds a make is not meant for it.
    assert.deepEqual(call('make', ['help'], { ASETS: 'x' }), [0, '']);
    assert.deepEqual(call('make', ['help'], { MAKELEVEL: '1', MAKEFLAGS: ' -- PREFIX=/usr' }), [0, '']);
  });
});
