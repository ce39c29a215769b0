import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findNamePattern } from '../../src/core/name-pattern.ts';

it('names are put into a pattern where it is true of them alone', () => {
  for (const [names, others, pattern] of [
    [['x.1of9', 'x.2of9'], ['x.merged', 'x.3of8', 'x.of9', 'y.1of9'], undefined],
    [['x.1of9', 'x.2of9'], ['x.merged', 'x.3of8', 'y.1of9'], 'x.*of9'],
    [['x.a', 'x.b'], [], 'x.*'],
    [['x.a', 'x.b'], ['x.report.html'], undefined],
    [['aa', 'aaa'], [], 'aa*'],
    [['a', 'b'], [], undefined],
    [['.a', '.b'], [], undefined],
    // Half of the character is the same.
    [['x😀', 'x😁'], [], 'x*'],
  ] as const) {
    const found = findNamePattern(names, [...names, ...others]);
    assert.equal(found && `${found.prefix}*${found.suffix}`, pattern);
  }
  // Not there.
  assert.equal(findNamePattern(['x.a', 'x.b'], ['x.a', 'x.c']), undefined);
});
