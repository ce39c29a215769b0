import { cutShares, type PlannedMachine } from '../shares.ts';
import { type Generation, takersOf } from './generation.ts';
import { joinPieces, type Piece } from './piece.ts';
import { subtract } from './ranges.ts';
import { splitJobs } from './split.ts';

/**
 * Which machine is responsible for which job: the shares of the plan, and over them what each rescue has re-split, one
 * after the other. The pieces are ascending and cover every position of the order once, whatever the rescues say. What no
 * rescue names stays with whom it was with: it was settled there.
 */
export function responsibility(
  total: number,
  planned: readonly PlannedMachine[],
  generations: readonly Pick<Generation, 'machines' | 'lost' | 'relieved' | 'positions'>[],
): readonly Piece[] {
  let pieces: readonly Piece[] = cutShares(total, planned).filter(({ from, to }) => to > from);
  for (const generation of generations) {
    const split = splitJobs(generation.positions, pieces, takersOf(generation));
    pieces = joinPieces([...subtract(pieces, generation.positions), ...split]);
  }
  return pieces;
}
