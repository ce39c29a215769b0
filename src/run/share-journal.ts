import type { FoldedOutcome, JournalFold } from '../core/journal/fold.ts';
import type { Settled, SettledPart } from '../core/journal/settled.ts';
import { checksum } from '../runtime/checksum.ts';
import type { Files } from '../runtime/files.ts';
import { foldOfJournal, readJournalLines } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';
import type { Prepared } from './prepare.ts';
import { type SettledHere, type Slice, settledIn } from './slice.ts';

/** The journal of one share, read as often as somebody needs what it says, but never kept. */
export class ShareJournal {
  /** Another place when the file is taken away while it is written. */
  path: string;
  readonly #files: Files;
  readonly #slice: Slice;
  readonly #prepared: Prepared;

  constructor(folder: string, slice: Slice, prepared: Prepared, files: Files) {
    this.path = journalPath(folder);
    this.#files = files;
    this.#slice = slice;
    this.#prepared = prepared;
  }

  /** What is settled of the share, by a fold of this journal. */
  settledBy(fold: JournalFold): SettledHere {
    return settledIn(this.#slice, fold, this.#prepared, () => readJournalLines(this.path, this.#files));
  }

  /** Reads it from its beginning; it must be readable, this run has written it. */
  readAgain(untilBytes?: number): { readonly fold: JournalFold; readonly settled: Settled } {
    const fold = foldOfJournal(this.path, this.#files, untilBytes);
    return { fold, settled: this.settledBy(fold).settled };
  }

  /** In the order of the journal, a line at a time. */
  *parts(settled: Settled): Generator<SettledPart> {
    // A journal that is to be begun is not there yet.
    if (settled.size > 0) yield* settled.parts(readJournalLines(this.path, this.#files), checksum);
  }

  *outcomes(settled: Settled): Generator<FoldedOutcome> {
    for (const part of this.parts(settled)) yield* part.outcomes();
  }
}
