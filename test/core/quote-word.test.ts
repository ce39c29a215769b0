import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { escapeText } from '../../src/core/escape-text.ts';
import { quotePath, quoteWord } from '../../src/core/quote-word.ts';

describe('a word of a command that is shown', () => {
  it('is the same word to a shell, which runs nothing of it', () => {
    for (const [text, word] of [
      ['', '""'],
      ['x.lab1', 'x.lab1'],
      ['my x.lab1', '"my x.lab1"'],
      ['=ls', '"=ls"'],
      ['C:\\x.lab1', '"C:\\x.lab1"'],
      // As the shells of Windows complete names.
      ['.\\x.lab1\\', '".\\x.lab1\\\\"'],
      ['C:\\runs\\lab 1\\', '"C:\\runs\\lab 1\\\\"'],
      ['C:\\a$b\\c', "'C:\\a$b\\c'"],
      ['$a&b', "'$a'\"&\"'b'"],
      ['$(echo hurt) `echo hurt` "$HOME" it\'s!', undefined],
      ['rv.b\\', undefined],
      ['a\\\\b', undefined],
    ] as const) {
      if (word !== undefined) assert.equal(quoteWord(text), word);
      assert.deepEqual(readWords('/bin/sh', text, 'end'), [text, 'end']);
    }
  });

  it('does so whatever it is made of', () => {
    const special = fc.constantFrom(...'\\\\\\\'"`$!&|<>;#%*?~=@-(){}[] \t\n\u001bab‘’“”é😀');
    const text = fc.oneof(
      fc.string({ unit: special, maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.string({ unit: special, maxLength: 5 }).map((end) => `C:\\${end}`),
      fc.string({ unit: special, maxLength: 5 }).map((end) => `\\\\${end}`),
    );
    const isOfWindows = (it: string): boolean => /^[A-Za-z]:\\|^\\\\/.test(it);
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 20 }), (texts) => {
        const words = readWords('/bin/sh', ...texts);
        assert.equal(words.length, texts.length);
        // A shell of another system than the path's may read another word, but one.
        for (const [at, it] of texts.entries()) if (!isOfWindows(it)) assert.equal(words[at], escapeText(it));
      }),
      { numRuns: 60 },
    );
  });

  it('is no option where it is a path', () => {
    assert.deepEqual(['-x', '-x y', 'x'].map(quotePath), ['./-x', '"./-x y"', 'x']);
  });
});

function readWords(shell: string, ...texts: readonly string[]): readonly string[] {
  const { stdout, stderr } = spawnSync(shell, ['-c', `printf '%s\\n' ${texts.map(quoteWord).join(' ')}`], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return stdout.split('\n').slice(0, -1);
}
