import assert from 'node:assert/strict';
import { hex, type JobIndex, machineName } from '../../src/core/ids.ts';
import { planOrder } from '../../src/core/order.ts';
import { createRandom } from '../../src/core/random.ts';
import { cutShares } from '../../src/core/shares.ts';
import { drawFaults } from './faults.ts';
import { drawJobs } from './job-kinds.ts';
import { Machine } from './machine.ts';
import { noBug, type PlantedBug } from './planted-bug.ts';
import { Trace } from './trace.ts';

/**
 * One plan, computed by several machines under faults until it is complete. All is decided by the seed; throws where a
 * promise is broken.
 */
export function simulate(seed: string, bug: PlantedBug = noBug, write?: (line: string) => void): void {
  const random = createRandom(seed);
  const trace = new Trace(write);
  const total = random() < 0.1 ? random.int(30, 120) : random.int(1, 24);
  const jobs = drawJobs(random, total);
  const order = planOrder(total, hex(seed), random() < 0.5 ? 'shuffled' : 'given');
  const machines = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index) => ({
    name: machineName(`m${index}`),
    weight: { numerator: BigInt(random.int(1, 9)), denominator: BigInt(random.int(1, 9)) },
    cores: random.int(1, 4),
  }));
  const merged = new Set<JobIndex>();
  for (const { machine, from, to } of cutShares(total, machines)) {
    const overlap = bug.overlapsShares && to < total ? 1 : 0;
    const parts = { name: machine, random, faults: drawFaults(random), jobs, order, bug, trace };
    for (const job of new Machine({ ...parts, from, to: to + overlap }).run().keys()) {
      assert.ok(!merged.has(job), `job ${job} was computed by two machines`);
      merged.add(job);
    }
  }
  assert.equal(merged.size, total, 'the journals of all machines do not make up the whole');
}
