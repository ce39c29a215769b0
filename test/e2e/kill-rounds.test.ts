import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fixtureExecutable } from '../fixtures/executable.ts';
import { runKillRounds } from '../fixtures/kill-rounds.ts';

it('20 runs killed at random moments and started again come to the same results, nothing settled runs twice', async () => {
  const seed = process.env.SEED ?? String(Date.now());
  const { rounds, kills } = await runKillRounds(await fixtureExecutable(), 20, seed);
  assert.equal(rounds, 20);
  assert.ok(kills > 0);
});
