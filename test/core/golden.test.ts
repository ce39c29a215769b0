import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import { digestExperiment, digestPool } from '../../src/core/digest.ts';
import { encodeLine } from '../../src/core/journal/line.ts';
import { poolOfJobs, product } from '../../src/core/pool.ts';
import { range } from '../../src/core/range.ts';
import { checksum } from '../../src/runtime/checksum.ts';
import { golden } from '../golden/compute.ts';

const folder = join(repositoryFolder, 'test', 'golden');

describe('golden values are the same for ever', () => {
  for (const [name, compute] of Object.entries(golden)) {
    it(`digests, order, shares and random numbers of the pool ${name}`, () => {
      const recorded: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
      assert.deepEqual(JSON.parse(JSON.stringify(compute())), recorded);
    });
  }

  it('every golden file has its entry', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    assert.deepEqual(
      files.sort(),
      Object.keys(golden)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  it('the first digests that were ever written down', () => {
    const pool = digestPool(poolOfJobs([...product([0.1, -0, Number.NaN], ['a', 'ü'], range(3))]));
    assert.equal(pool, 'c3c3777a0b06a34040cc3ed70d33a35f4e45551a024ccf3aa3bed53796789853');
    assert.equal(
      digestExperiment({
        pool,
        random: { stream: 'per-job' },
        sections: { model: { sweeps: '7' } },
        overrideSeed: undefined,
      }),
      '53752588cec81fafb013ff87cd3518f10a290d6d3cdab10bdad9ed286f3d7760',
    );
  });

  it('a line of the journal', () => {
    assert.equal(encodeLine(3, '{"type":"x"}', checksum), '{"crc":"d31fea5c","seq":3,"type":"x"}\n');
  });
});
