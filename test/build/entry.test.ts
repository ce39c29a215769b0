import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { assertEntry } from '../../build/entry.ts';
import { RecipeError } from '../../build/recipe-error.ts';
import { emptyFolder } from '../fixtures/executable.ts';

const level = process.env.MAKELEVEL;

function whyNot(entry: string): string {
  try {
    assertEntry(entry);
  } catch (error) {
    assert.ok(error instanceof RecipeError);
    return error.message;
  }
  return '';
}

describe('an entry that is no file', () => {
  const noMake = ['/usr/bin/make', '/bin/make'].some(existsSync) ? false : 'for want of make';
  afterEach(() => {
    if (level === undefined) delete process.env.MAKELEVEL;
    else process.env.MAKELEVEL = level;
  });
  const folder = join(emptyFolder(), "my $exps; it's `1`");
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.ts'), '');
  const suggestion = (): string => /name the file in it: (.*)$/.exec(whyNot(folder))?.[1] ?? '';

  it('is told what to type, as a word of a shell', () => {
    delete process.env.MAKELEVEL;
    const { stdout } = spawnSync('/bin/sh', ['-c', `printf %s ${suggestion()}`], { encoding: 'utf8' });
    assert.equal(stdout, `ENTRY=${join(folder, 'a.ts')}`);
  });

  it('is told so for make, too', { skip: noMake }, () => {
    process.env.MAKELEVEL = '1';
    const makefile = join(folder, 'Makefile');
    writeFileSync(makefile, 'export ENTRY\nit:\n\t@printf %s "$$ENTRY"\n');
    const { stdout } = spawnSync('/bin/sh', ['-c', `make -f Makefile ${suggestion()}`], {
      encoding: 'utf8',
      cwd: folder,
      env: { PATH: process.env.PATH },
    });
    assert.equal(stdout, join(folder, 'a.ts'));
  });

  it('is shown without what steers a terminal', () => {
    const strange = join(emptyFolder(), 'a\u001b[31m');
    const shown = strange.replace('\u001b', '\\x1b');
    assert.equal(whyNot(strange), `ENTRY=${shown}: there is no such file`);
    mkdirSync(strange);
    writeFileSync(join(strange, 'b\u001b.ts'), '');
    assert.equal(
      whyNot(strange),
      `ENTRY=${shown} is a folder; name the file in it: ENTRY="${join(shown, 'b\\x1b.ts')}"`,
    );
  });
});
