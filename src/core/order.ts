import { createGenerator, drawBelow } from './generator.ts';
import { hashTexts } from './hash.ts';
import type { Hex } from './ids.ts';

/** The order in which jobs are handed out, before it is cut into shares: position → job index. */
export interface JobOrder {
  readonly length: number;
  at(position: number): number | undefined;
}

/** `shuffled` spreads dear and cheap jobs evenly over the machines; `given` keeps the order of the pool. */
export function planOrder(total: number, planDigest: Hex, order: 'shuffled' | 'given'): JobOrder {
  if (order === 'given') return { length: total, at: (position) => position };
  const shuffled = shuffle(total, hashTexts('job-splitter/order/v1', planDigest));
  // Its own `at` is a call from V8's point of view, several times as slow.
  return { length: total, at: (position) => shuffled[position] };
}

/** Fisher and Yates (Durstenfeld), from the last place down, with unbiased integers. */
function shuffle(total: number, seed: Hex): Uint32Array {
  const order = new Uint32Array(total);
  for (let position = 0; position < total; position++) order[position] = position;
  const generator = createGenerator(seed);
  for (let position = total - 1; position > 0; position--) {
    const other = drawBelow(generator, position + 1);
    const moved = order[other] ?? 0;
    order[other] = order[position] ?? 0;
    order[position] = moved;
  }
  return order;
}
