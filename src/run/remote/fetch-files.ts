import { assert } from '../../core/assert.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { batchesOf, type FetchWish, PieceCutter } from '../../core/remote/collect-plan.ts';
import type { CollectedFolder, ReceivedPiece } from '../../runtime/remote/collected-folder.ts';
import type { RemoteMachine, RemotePlace } from './remote-machine.ts';

/** Fetches what is wished for into a folder here, as it comes. Returns why not all came: a round more goes on from there. */
export async function fetchAll(
  machine: RemoteMachine,
  runFolder: string,
  here: CollectedFolder,
  wishes: readonly FetchWish[],
  onBytes: (count: number) => void,
): Promise<Diagnostic | undefined> {
  for (const batch of batchesOf(wishes)) {
    const problem = await fetchBatch(machine, runFolder, here, batch, onBytes);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function fetchBatch(
  machine: RemoteMachine,
  runFolder: string,
  here: CollectedFolder,
  batch: readonly FetchWish[],
  onBytes: (count: number) => void,
): Promise<Diagnostic | undefined> {
  const pieces = batch.map(({ piece }) => piece);
  const cutter = new PieceCutter(pieces);
  const files = new ReceivedFiles(here, batch);
  let isCut = false;
  const sink = (chunk: Uint8Array): void => {
    const parts = isCut ? undefined : cutter.cut(chunk);
    isCut = parts === undefined;
    for (const { at, bytes } of parts ?? []) {
      files.write(at, bytes);
      onBytes(bytes.length);
    }
  };
  const isWhole = (): boolean => cutter.isDone && !isCut;
  try {
    const end = await machine.try(machine.scripts.fetch(runFolder, pieces), { sink });
    if (isWhole()) return undefined;
    return end.kind === 'answered' ? changing(machine.place) : machine.blame(end);
  } finally {
    files.close(isWhole());
  }
}

/** The files of a batch, of which one is open at a time. */
class ReceivedFiles {
  readonly #here: CollectedFolder;
  readonly #batch: readonly FetchWish[];
  #open: { readonly at: number; readonly piece: ReceivedPiece } | undefined;

  constructor(here: CollectedFolder, batch: readonly FetchWish[]) {
    this.#here = here;
    this.#batch = batch;
  }

  write(at: number, bytes: Uint8Array): void {
    if (this.#open?.at !== at) {
      this.close(true);
      const wish = this.#batch[at];
      assert(wish !== undefined, 'a piece that nobody wished for');
      this.#open = { at, piece: this.#here.open(wish) };
    }
    this.#open.piece.write(bytes);
  }

  close(isWhole: boolean): void {
    this.#open?.piece.close(isWhole);
    this.#open = undefined;
  }
}

export function changing({ host }: RemotePlace): Diagnostic {
  const message = `${host}: files of its run folder change faster than they can be read`;
  return { severity: 'error', message, hint: 'collect again' };
}
