import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { foldLine } from '../../src/face/fold-line.ts';

it('no line is wider than there is room, no word is lost', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,11}$/), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(words, fc.integer({ min: 25, max: 120 }), (list, columns) => {
      const lines = foldLine(`Random      ${list.join(' ')}`, columns);
      for (const line of lines) assert.ok(line.length <= columns, line);
      for (const line of lines.slice(1)) assert.match(line, /^ {12}\S/);
      assert.deepEqual(
        lines
          .map((line) => line.slice(12))
          .join(' ')
          .split(' '),
        list,
      );
    }),
  );
});

it('leaves alone what fits, and what has no room at all', () => {
  assert.deepEqual(foldLine('Random      a b', 15), ['Random      a b']);
  assert.deepEqual(foldLine('Random      a b c d e f g', 20), ['Random      a b c d e f g']);
});
