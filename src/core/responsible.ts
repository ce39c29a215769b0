import { type JobIndex, jobIndex, type MachineName } from './ids.ts';
import type { JobOrder } from './order.ts';
import type { Share } from './shares.ts';

/** Which machine has to compute a job. */
export type Responsible = (job: JobIndex) => MachineName;

/** By the plan: each machine its slice of the order. Takes 4 bytes a job. */
export function responsibleByPlan(shares: readonly Share[], order: JobOrder): Responsible {
  const [first] = shares;
  if (first === undefined) throw new Error('Internal error: a plan without machines');
  if (shares.length === 1) return () => first.machine;
  const positions = new Uint32Array(order.length);
  for (let position = 0; position < order.length; position++) {
    positions[jobIndex(order.at(position) ?? 0)] = position;
  }
  return (job) => {
    const position = positions[job] ?? 0;
    return (shares.find(({ from, to }) => from <= position && position < to) ?? first).machine;
  };
}
