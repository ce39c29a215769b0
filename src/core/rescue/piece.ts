import type { MachineName } from '../ids.ts';
import type { Range } from './ranges.ts';

/** A stretch of the plan's order, and who is to compute it. */
export interface Piece extends Range {
  readonly machine: MachineName;
}

/** Ascending; stretches of one machine that touch are one. */
export function joinPieces(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last?.machine === piece.machine && last.to === piece.from)
      joined[joined.length - 1] = { ...last, to: piece.to };
    else joined.push(piece);
  }
  return joined;
}

/** A machine's own stretches, ascending. */
export function piecesOf(pieces: readonly Piece[], machine: string): readonly Piece[] {
  return pieces.filter((piece) => piece.machine === machine);
}
