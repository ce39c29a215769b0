import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';

/** What the linter cannot see: members that are not pure. */
const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b/;
/** The last bits of these differ between systems. */
const inexact = /\bMath\.(?:log|exp|sin|cos|tan|pow)\b/;
/** What is shown to a person while it runs, and neither recorded nor decided by. */
const isShownOnly = (name: string): boolean => name.startsWith('progress');

describe('the core', () => {
  it('reads no clock, draws no foreign random numbers, uses no function that differs between systems', () => {
    const folder = join(repositoryFolder, 'src', 'core');
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const code = readFileSync(join(folder, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      assert.doesNotMatch(code, impure, name);
      if (!isShownOnly(name)) assert.doesNotMatch(code, inexact, name);
    }
  });
});
