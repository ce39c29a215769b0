import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { tellApart } from '../../src/core/tell-apart.ts';

it('paths beside each other are called by as many of their last parts as tell them apart', () => {
  for (const [paths, names] of [
    [[], []],
    [['/home/me/x.lab1'], ['x.lab1']],
    [['/'], ['/']],
    [
      ['/', '\\', '', '/a/'],
      ['/', '\\', '', 'a'],
    ],
    [
      ['/data/a/x.lab1', '/data/b/x.lab1/', '/data/b/x.lab2'],
      ['a/x.lab1', 'b/x.lab1', 'x.lab2'],
    ],
    [
      ['x.lab1', '../x.lab1', 'b/c/x.lab1', '/q/b/c/x.lab1'],
      ['x.lab1', '../x.lab1', 'b/c/x.lab1', 'q/b/c/x.lab1'],
    ],
    [
      ['C:\\a\\x', 'D:\\a\\x'],
      ['C:\\a\\x', 'D:\\a\\x'],
    ],
  ] as const)
    assert.deepEqual(tellApart(paths), names);
});

it('different paths get different names, each the end of its path', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'x.lab1'), { minLength: 1, maxLength: 4 }).map((it) => it.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 8 }), (paths) => {
      const names = tellApart(paths);
      assert.equal(new Set(names).size, paths.length);
      for (const [at, name] of names.entries()) assert.ok(paths[at]?.endsWith(name));
    }),
  );
});
