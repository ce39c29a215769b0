import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestExperiment, digestPlan, digestPool } from '../../src/core/digest.ts';
import { machineName } from '../../src/core/ids.ts';
import { encodeLine } from '../../src/core/journal/line.ts';
import { planOrder } from '../../src/core/order.ts';
import { product, range } from '../../src/core/pool.ts';
import { createRandom, seedOfCommon, seedOfStream } from '../../src/core/random.ts';
import { parseRatio } from '../../src/core/ratio.ts';
import { checksum } from '../../src/runtime/checksum.ts';

/** What must never change, on any system and in any later version. */
const golden = {
  pool: 'c3c3777a0b06a34040cc3ed70d33a35f4e45551a024ccf3aa3bed53796789853',
  experiment: '53752588cec81fafb013ff87cd3518f10a290d6d3cdab10bdad9ed286f3d7760',
  plan: '2268fcfdbf680af70ab1167951f3fde87572afc2e2f1c1db08b29e6773b8b962',
  order: [4, 8, 11, 3, 7, 9, 5, 10, 2, 6, 1, 0],
  common: 0.9288757014073861,
  stream: [0.4249722176746533, 0.6683557352040022, 2, 0.630473892679398, 'a', 0.21103774029170352],
  shuffled: [7, 2, 5, 3, 1, 4, 6],
  line: '{"crc":"d31fea5c","seq":3,"type":"x"}\n',
};

function compute(): typeof golden {
  const pool = digestPool(product([0.1, -0, Number.NaN], ['a', 'ü'], range(3)));
  const experiment = digestExperiment({
    pool,
    random: { stream: 'per-job' },
    sections: { model: { sweeps: '7' } },
    overrideSeed: undefined,
  });
  const weight = parseRatio('2.5') ?? { numerator: 1n, denominator: 1n };
  const plan = digestPlan({
    experiment,
    machines: [
      { name: machineName('b'), weight, cores: 3 },
      { name: machineName('a'), weight, cores: 8 },
    ],
    order: 'shuffled',
  });
  const order = planOrder(12, plan, 'shuffled');
  const random = createRandom(seedOfStream('seed', '[1,"x"]'));
  return {
    pool,
    experiment,
    plan,
    order: Array.from({ length: 12 }, (_, position) => order.at(position) ?? -1),
    common: createRandom(seedOfCommon('seed'))(),
    stream: [
      random(),
      random(),
      random.int(1, 6),
      random.normal(),
      random.pick(['a', 'b', 'c']),
      random.fork('k', 1)(),
    ],
    shuffled: random.shuffle([1, 2, 3, 4, 5, 6, 7]),
    line: encodeLine(3, '{"type":"x"}', checksum),
  };
}

describe('golden values', () => {
  it('are the same for ever', () => assert.deepEqual(compute(), golden));
});
