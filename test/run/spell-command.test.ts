import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { spellCommand } from '../../src/run/spell-command.ts';
import { emptyFolder } from '../fixtures/executable.ts';

it('a command about very many folders is short, and means all of them where it can be typed', () => {
  const place = join(emptyFolder(), "it's [mine]");
  const folders = Array.from({ length: 300 }, (_, at) => join(place, `x $y.${at + 1}of300`));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  mkdirSync(join(place, 'x $y.merged'));
  const command = spellCommand('printf "%s\\n"', folders);
  assert.ok(command.length < place.length + 60, command);
  const { stdout } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
  assert.deepEqual(stdout.trimEnd().split('\n').sort(), [...folders].sort());
  // Would mean this one, too.
  mkdirSync(join(place, 'x $y.copy of300'));
  const part = spellCommand('merge', folders);
  assert.match(part, /x \$y\.1of300' .*x \$y\.3of300' … \(and 297 more\)$/);
  assert.notEqual(spawnSync('/bin/sh', ['-n', '-c', part]).status, 0);
  assert.equal(spellCommand('merge', ['a', 'b c']), 'merge a "b c"');
});
