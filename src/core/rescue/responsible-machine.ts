import { type JobIndex, jobIndex, type MachineName } from '../ids.ts';
import type { JobOrder } from '../order.ts';
import type { Piece } from './piece.ts';

/** Which machine has to compute a job. */
export type Responsible = (job: JobIndex) => MachineName;

/** By the plan and its rescues: `pieces` cover the order, ascending. Takes 4 bytes a job. */
export function responsibleByPieces(pieces: readonly Piece[], order: JobOrder): Responsible {
  const [first] = pieces;
  if (first === undefined) throw new Error('Internal error: a plan without machines');
  if (pieces.length === 1) return () => first.machine;
  const positions = new Uint32Array(order.length);
  for (let position = 0; position < order.length; position++) {
    positions[jobIndex(order.at(position) ?? 0)] = position;
  }
  return (job) => pieceAt(pieces, positions[job] ?? 0)?.machine ?? first.machine;
}

function pieceAt(pieces: readonly Piece[], position: number): Piece | undefined {
  let [from, to] = [0, pieces.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((pieces[middle]?.to ?? 0) <= position) from = middle + 1;
    else to = middle;
  }
  return pieces[from];
}
