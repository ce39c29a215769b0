import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { quoteWord } from '../../src/core/quote-word.ts';

it('a word of a command that is shown is the same word to a shell, which runs nothing of it', () => {
  for (const [text, word] of [
    ['x.lab1', 'x.lab1'],
    ['my x.lab1', '"my x.lab1"'],
    ['C:\\x.lab1', '"C:\\x.lab1"'],
    ['$(echo hurt) `echo hurt` "$HOME" it\'s!', undefined],
  ] as const) {
    if (word !== undefined) assert.equal(quoteWord(text), word);
    const { stdout } = spawnSync('/bin/sh', ['-c', `printf %s ${quoteWord(text)}`], { encoding: 'utf8' });
    assert.equal(stdout, text);
  }
});
