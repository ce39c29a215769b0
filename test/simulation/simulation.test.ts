import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plantedBugs } from './planted-bugs.ts';
import { findViolation } from './rounds.ts';

/** A short round; the long one is `make simulate`. */
const seeds = 8_000;
/** A bug that is not found within so many seeds is not found. */
const seedsForBug = 2_000;

describe('dispatcher and journal under simulated faults', () => {
  it(`no job lost, none settled twice, none charged for another, every session ends (${seeds} seeds)`, () => {
    const violation = findViolation(0, seeds);
    assert.equal(violation, undefined, violation && `SEED=${violation.seed} make simulate: ${violation.message}`);
  });

  for (const [name, bug] of Object.entries(plantedBugs)) {
    it(`finds the planted bug: ${name}`, () => assert.ok(findViolation(0, seedsForBug, bug)));
  }
});
