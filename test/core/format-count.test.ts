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

  it('no text spells "1 jobs"', () => {
    const folder = join(repositoryFolder, 'src');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const nouns = 'chunks|cores|files|folders|jobs|lines|machines|results|rows|shares|times|workers';
    // Constants above one are called so.
    const plural = new RegExp(`\\$\\{(?!\\w+(?:Max|Min)\\})[^}]*\\} (?:(?!beside|holds|names)[a-z]+ )?(?:${nouns})\\b`);
    const lines = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
    assert.deepEqual(
      lines.filter((line) => plural.test(line) && !neverOne.some((text) => line.includes(text))),
      [],
    );
  });
});

/** Where the number is above one, or nothing that people see. */
const neverOne = [
  'Internal error: ',
  // Of the self-test, whose jobs are known.
  'return problemOf(',
  '{shares} shares need MaxArraySize',
  "{others.join(', ')} equal shares",
  'files.length > 1 ? ',
  'array and step together are ',
  '{total} jobs are too many',
  'a pool of $',
  '} jobs all failed',
  'onResult failed $',
];
