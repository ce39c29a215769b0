import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';

it('make bench, smoke: every claim’s script measures, with the peers that are there; the absent are named', () => {
  const words = [join(repositoryFolder, 'scripts', 'make.mjs'), 'bench', 'SMOKE=1', 'ONLY=', 'ROUNDS=1', 'SCALE=1'];
  const { status, stdout, stderr } = spawnSync('node', words, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const claims = /## Claims\n\n(.*?)\n\n/s.exec(stdout)?.[1]?.split('\n').slice(2) ?? [];
  assert.equal(claims.length, 33, stdout);
  for (const line of claims) assert.match(line, /\d.* (yes|no) \|$|peers? (is|are) absent/);
  assert.match(stdout, /\| log-normal, sigma 2, jobs that report \| \d/);
  for (const peer of ['piscina', 'jest-worker', 'workerpool', 'poolifier', 'tinypool', 'joblib', 'Dask']) {
    assert.match(stdout, new RegExp(`\\| ${peer}.* \\| (absent|\\d[\\d.+a-z]*) \\|`));
  }
});
