import { isFinal, journalName, type ListedFile } from './listing.ts';
import { type FilePiece, type FileStart, pieceEnd } from './remote-scripts.ts';

/** What to do about one file. */
export type FetchWish =
  /** It is here, and goes on from `offset`; 0 where there is nothing. */
  | { readonly kind: 'append'; readonly piece: FilePiece }
  /** What is here is not its beginning. */
  | { readonly kind: 'replace'; readonly piece: FilePiece };

/** Of which files here it must be asked whether they are the beginning of those there. */
export function startsToCompare(
  listed: readonly ListedFile[],
  localBytes: (path: string) => number | undefined,
): readonly FileStart[] {
  return listed.flatMap(({ path, bytes }) => {
    const here = localBytes(path) ?? 0;
    const isSettled = here === 0 || here > bytes || (isFinal(path) && here === bytes);
    return isSettled ? [] : [{ path, bytes: here }];
  });
}

/** What has to be fetched. `isSame`: what is here is the beginning of what is there, as the hashes say. */
export function planFetch(
  listed: readonly ListedFile[],
  localBytes: (path: string) => number | undefined,
  isSame: (path: string) => boolean,
): readonly FetchWish[] {
  return listed.flatMap(({ path, bytes }): readonly FetchWish[] => {
    const here = localBytes(path);
    if (here === undefined || here === 0) {
      return here === bytes ? [] : [{ kind: 'append', piece: { path, offset: 0, bytes } }];
    }
    if (isFinal(path) && here === bytes) return [];
    if (here > bytes || !isSame(path)) return [{ kind: 'replace', piece: { path, offset: 0, bytes } }];
    return here === bytes ? [] : [{ kind: 'append', piece: { path, offset: here, bytes: bytes - here } }];
  });
}

/** The journal here is of another run than the one there: what was collected before must not be lost. */
export const isOtherRun = (wishes: readonly FetchWish[]): boolean =>
  wishes.some(({ kind, piece }) => kind === 'replace' && piece.path === journalName);

const batchFilesMax = 500;

/** In groups that one script asks for. */
export function batchesOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / batchFilesMax);
  return Array.from({ length: count }, (_, at) => items.slice(at * batchFilesMax, (at + 1) * batchFilesMax));
}

export type CutPiece = { readonly at: number; readonly bytes: Uint8Array };

/** Cuts the answer to `fetch` into its pieces, as it comes. */
export class PieceCutter {
  readonly #pieces: readonly FilePiece[];
  readonly #end = new TextEncoder().encode(pieceEnd);
  #at = 0;
  #left: number;
  #endSeen = 0;

  constructor(pieces: readonly FilePiece[]) {
    this.#pieces = pieces;
    this.#left = pieces[0]?.bytes ?? 0;
  }

  /** Every piece came whole. */
  get isDone(): boolean {
    return this.#at === this.#pieces.length;
  }

  /** Returns parts of pieces; `undefined`: a piece was not as long as it was listed. */
  cut(chunk: Uint8Array): readonly CutPiece[] | undefined {
    const parts: CutPiece[] = [];
    for (let from = 0; from < chunk.length; ) {
      if (this.isDone) return undefined;
      if (this.#left > 0) {
        const bytes = chunk.subarray(from, from + this.#left);
        parts.push({ at: this.#at, bytes });
        this.#left -= bytes.length;
        from += bytes.length;
      } else if (chunk[from++] !== this.#end[this.#endSeen++]) return undefined;
      else if (this.#endSeen === this.#end.length) {
        // An empty one is a file, too.
        parts.push({ at: this.#at, bytes: new Uint8Array() });
        this.#nextPiece();
      }
    }
    return parts;
  }

  #nextPiece(): void {
    this.#endSeen = 0;
    this.#left = this.#pieces[++this.#at]?.bytes ?? 0;
  }
}
