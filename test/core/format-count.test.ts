import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import { formatCount, formatCountOf } from '../../src/core/format-count.ts';

describe('numbers of things', () => {
  it('are grouped, and one of them is one', () => {
    assert.deepEqual([0, 1, 999, 1_000, 1_234_567].map(formatCount), ['0', '1', '999', '1,000', '1,234,567']);
    const spelt = [0, 1, 2, 1_204].map((count) => formatCountOf(count, 'settled job'));
    assert.deepEqual(spelt, ['0 settled jobs', '1 settled job', '2 settled jobs', '1,204 settled jobs']);
  });

  it('no message of what people see spells "1 jobs"', () => {
    const folder = join(repositoryFolder, 'src', 'face');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    // A number that is no count: a constant above one.
    const plural = /\$\{(?!measuredMin)[^}]*\} (?:\w+ )?jobs\b/;
    const lines = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
    assert.deepEqual(
      lines.filter((line) => plural.test(line)),
      [],
    );
  });
});
