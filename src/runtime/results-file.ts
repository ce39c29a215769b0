import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { SettledPart } from '../core/journal/settled.ts';
import { type Clock, systemClock } from './clock.ts';
import { draftOf } from './draft.ts';
import { codeOf, type Files, systemFiles, withFile } from './files.ts';
import { followResults } from './follow-results.ts';
import { GatheredWrites } from './gathered-writes.ts';
import { removeQuietly, renameHeld } from './replace-file.ts';
import { type ResultsBlock, type ResultsShape, ResultsText } from './results-text.ts';
import { UnevenRows } from './uneven-rows.ts';

export interface ResultsLayout extends ResultsShape {
  readonly path: string;
  /** Told once when the file cannot be written or its rows differ in width, and at the end if that is so still. */
  readonly onTrouble: (message: string) => void;
  /** Everything appended so far, from the journal; what the file is made of anew when its rest was let go. */
  readonly recall?: () => Iterable<SettledPart>;
}

export interface ResultsOptions {
  readonly files?: Files;
  readonly clock?: Clock;
  /** What is kept while the file cannot be written. */
  readonly pendingBytesMax?: number;
  /** So much of what was written goes to the disk beside the run: else the end would wait for all of it. */
  readonly syncAheadBytes?: number;
}

const retryFirstMs = 50;
const retryMaxMs = 1_000;
const [lastTries, lastTryMs] = [5, 50];

/*
 *               a write fails              more text waits than is kept, or the file is not the one that was written
 *   in step ──────────────────► behind ──────────────────────────────────────────────► lost
 *      ▲    the rest is written   │                                                      │
 *      ├──────────────────────────┘                                  made anew as a whole │
 *      └──────────────────────────────────────────────────────────────────────────────────┘
 */
type State = 'in step' | 'behind' | 'lost';

/** `results.csv`: a projection of the journal. Its troubles never stop a run. */
export class ResultsFile {
  readonly #layout: ResultsLayout;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #pendingBytesMax: number;
  readonly #syncAheadBytes: number;
  #text: ResultsText;
  #state: State = 'in step';
  /** What stands in the file for sure; behind it there may be a torn piece of `#pending`. */
  #bytes = 0;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #warned = false;
  readonly #uneven: UnevenRows;
  #retryMs = retryFirstMs;
  #cancelRetry: () => void = () => undefined;
  /** How much was written when it was last brought to the disk. */
  #syncedBytes = 0;
  #isSyncing = false;
  #isClosed = false;

  constructor(layout: ResultsLayout, options: ResultsOptions = {}) {
    this.#layout = layout;
    this.#uneven = new UnevenRows((problem) => layout.onTrouble(`${layout.path}: ${problem}`), layout.named);
    this.#files = options.files ?? systemFiles;
    this.#clock = options.clock ?? systemClock();
    this.#pendingBytesMax = options.pendingBytesMax ?? 64 * 1024 ** 2;
    this.#syncAheadBytes = options.syncAheadBytes ?? 16 * 1024 ** 2;
    this.#text = new ResultsText(layout);
  }

  /**
   * Makes the file hold exactly this: what is right already stays, also what is torn or edited is mended. `parts` may
   * be called twice.
   */
  rewrite(parts: () => Iterable<SettledPart>): void {
    this.#state = 'lost';
    this.#attempt(() => {
      if (!this.#extend(parts())) this.#replace(parts());
    });
  }

  append(outcomes: readonly FoldedOutcome[]): void {
    if (this.#state !== 'lost') this.#keep(Buffer.from(this.#text.next(outcomes)));
    this.#writeOn();
  }

  /** Rows that were spelt where they were made. Where rows differ in width and no columns are named, they may not fit. */
  appendBlocks(blocks: readonly ResultsBlock[]): void {
    if (this.#state !== 'lost') for (const block of blocks) this.#keepBlock(block);
    for (const { widths } of blocks) if (widths !== undefined) this.#uneven.add(widths, this.#text.width);
    if (this.#state !== 'lost') this.#writeOn();
  }

  #keepBlock({ csv, width, outcomes }: ResultsBlock): void {
    if (csv.length === 0) return;
    if (this.#text.fits(width)) {
      this.#keep(Buffer.from(this.#text.before(width)));
      this.#keep(csv);
    } else this.#keep(Buffer.from(this.#text.next(outcomes())));
  }

  #keep(data: Uint8Array): void {
    if (data.length > 0) this.#pending.push(data);
    this.#pendingBytes += data.length;
  }

  #writeOn(): void {
    if (this.#state === 'in step' && this.#pendingBytes > 0) this.#attempt(() => this.#writePending());
    if (this.#pendingBytes <= this.#pendingBytesMax) return;
    this.#letGo();
    this.#state = 'lost';
  }

  #letGo(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** At the end of a run: whether the file holds everything, and is on the disk. */
  finish(): boolean {
    this.#uneven.finish();
    for (let tries = 0; this.#state !== 'in step' && tries < lastTries; tries++) {
      if (tries > 0) this.#files.pause(lastTryMs);
      this.#catchUp();
    }
    this.#cancelRetry();
    if (this.#state === 'in step') this.#attempt(() => this.#sync());
    this.#cancelRetry();
    if (this.#state === 'in step') return true;
    const hint = 'close what holds it or make room, then start again: no job runs again, the file is completed';
    this.#layout.onTrouble(`${this.#layout.path} is not complete; ${hint}`);
    return false;
  }

  /** Gives up what could not be written: no timer may keep the program alive after a run that ended with an error. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRetry();
  }

  /** Compares with what is there; writes on where that ends. Says no where it is anything else than a beginning. */
  #extend(parts: Iterable<SettledPart>): boolean {
    const text = new ResultsText(this.#layout);
    try {
      return withFile(this.#files, this.#layout.path, 'update', (file) => {
        const missing = new GatheredWrites(this.#files, file);
        const bytes = followResults(this.#files, file, text.pieces(parts), (data, at) => missing.add(data, at));
        if (bytes === undefined) return false;
        missing.write();
        this.#standAt(text, bytes);
        return true;
      });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  #replace(parts: Iterable<SettledPart>): void {
    const { path } = this.#layout;
    this.#assertReplaceable();
    const text = new ResultsText(this.#layout);
    let bytes = 0;
    try {
      withFile(this.#files, draftOf(path), 'replace', (file) => {
        const all = new GatheredWrites(this.#files, file);
        for (const piece of text.pieces(parts)) {
          const data = piece.spell();
          all.add(data, bytes);
          bytes += data.length;
        }
        all.write();
        this.#files.sync(file);
      });
      renameHeld(this.#files, draftOf(path), path);
    } catch (error) {
      removeQuietly(this.#files, draftOf(path));
      throw error;
    }
    this.#standAt(text, bytes);
  }

  /** Before much is written for nothing: a file that another program holds cannot be opened either. */
  #assertReplaceable(): void {
    try {
      withFile(this.#files, this.#layout.path, 'update', () => undefined);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  #standAt(text: ResultsText, bytes: number): void {
    this.#text = text;
    this.#bytes = this.#syncedBytes = bytes;
    this.#letGo();
  }

  #writePending(): void {
    const bytes = this.#pendingBytes;
    const isOurs = withFile(this.#files, this.#layout.path, 'update', (file) => {
      const size = this.#files.sizeBytes(file);
      if (size < this.#bytes || size > this.#bytes + bytes) return false;
      if (size > this.#bytes && this.#state === 'in step') return false;
      const all = new GatheredWrites(this.#files, file);
      let at = this.#bytes;
      for (const text of this.#pending) {
        all.add(text, at);
        at += text.length;
      }
      all.write();
      return true;
    });
    if (!isOurs) throw new ForeignFile();
    this.#bytes += bytes;
    this.#letGo();
    if (this.#bytes - this.#syncedBytes >= this.#syncAheadBytes && !this.#isSyncing) this.#syncAhead();
  }

  /** Beside the run. What a disk refused once is on it nowhere for sure: then the file is made anew. */
  #syncAhead(): void {
    const file = this.#files.open(this.#layout.path, 'update');
    this.#isSyncing = true;
    this.#syncedBytes = this.#bytes;
    this.#files.syncLater(file, (error) => {
      this.#isSyncing = false;
      const closing = this.#closeSynced(file);
      const problem = error ?? closing;
      if (problem === undefined || this.#isClosed) return;
      this.#state = 'lost';
      this.#warn(problem);
      this.#retryLater();
    });
  }

  #closeSynced(file: number): Error | undefined {
    try {
      this.#files.close(file);
      return undefined;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return error;
    }
  }

  #sync(): void {
    withFile(this.#files, this.#layout.path, 'update', (file) => this.#files.sync(file));
  }

  #catchUp(): void {
    this.#attempt(() => {
      if (this.#state === 'behind') this.#writePending();
      else if (this.#layout.recall !== undefined) this.#replace(this.#layout.recall());
      else throw new ForeignFile();
    });
  }

  #attempt(act: () => void): void {
    try {
      act();
      this.#state = 'in step';
      this.#retryMs = retryFirstMs;
    } catch (error) {
      if (!(error instanceof Error) || (codeOf(error) === undefined && !(error instanceof ForeignFile))) throw error;
      // Somebody saved or removed the file: what is there is not what was written.
      if (error instanceof ForeignFile || codeOf(error) === 'ENOENT') this.#state = 'lost';
      else if (this.#state === 'in step') this.#state = 'behind';
      this.#warn(error);
      this.#retryLater();
    }
  }

  #warn(error: Error): void {
    if (this.#warned || error instanceof ForeignFile || codeOf(error) === 'ENOENT') return;
    this.#warned = true;
    const { path, onTrouble } = this.#layout;
    onTrouble(`${path} cannot be written: ${error.message}; the run goes on, the file is completed when it can be`);
  }

  #retryLater(): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#clock.setTimer(this.#clock.nowMs() + this.#retryMs, () => this.#catchUp());
    this.#retryMs = Math.min(retryMaxMs, this.#retryMs * 2);
  }
}

/** The file has another length than what was written to it. */
class ForeignFile extends Error {}
