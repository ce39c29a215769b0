import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../src/core/random.ts';
import { type Faults, type PlantedBug, World } from './world.ts';

/** SEEDS=1000000 for a long round; SEED=… replays one. */
const seeds = Number(process.env.SEEDS || 1_500);

/** A swarm: each seed has its own mixture of faults, many of them none at all. */
function drawFaults(seed: string): Faults {
  const random = createRandom(`faults ${seed}`);
  const some = (most: number): number => (random() < 0.5 ? 0 : random() * most);
  return {
    powerCut: some(0.02),
    diskFull: some(0.5),
    startFailure: some(0.3),
    answerAfterKill: some(1),
    stop: some(0.8),
    throwers: some(0.2),
    killers: some(0.2),
    sleepers: some(0.1),
    laggards: some(0.3),
  };
}

function runSeed(seed: string, bug?: PlantedBug): void {
  try {
    new World(seed, drawFaults(seed), bug).run();
  } catch (error) {
    throw new Error(`SEED=${seed} ONLY=simulation make test: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

describe('dispatcher and journal under simulated faults', () => {
  it(`no job lost, none settled twice, nothing told before it is on disk (${seeds} seeds)`, () => {
    if (process.env.SEED) runSeed(process.env.SEED);
    else for (let seed = 0; seed < seeds; seed++) runSeed(String(seed));
  });

  for (const bug of ['disk-lies', 'forgets-settled', 'kill-does-nothing'] as const) {
    it(`finds the planted bug ${bug}`, () => {
      assert.throws(() => {
        for (let seed = 0; seed < 200; seed++) runSeed(String(seed), bug);
      });
    });
  }
});
