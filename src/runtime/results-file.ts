import type { FoldedOutcome } from '../core/journal/fold.ts';
import { type Clock, systemClock } from './clock.ts';
import { codeOf, type Files, systemFiles, withFile, writeAll } from './files.ts';
import { draftOf, removeQuietly, renameHeld } from './replace-file.ts';
import { type ResultsShape, ResultsText } from './results-text.ts';

export interface ResultsLayout extends ResultsShape {
  readonly path: string;
  /** Told once when the file cannot be written, and at the end if it is still behind then. */
  readonly onTrouble: (message: string) => void;
  /** Everything appended so far, from the journal; what the file is made of anew when its rest was let go. */
  readonly recall?: () => Iterable<FoldedOutcome>;
}

export interface ResultsOptions {
  readonly files?: Files;
  readonly clock?: Clock;
  /** Text that is kept while the file cannot be written. */
  readonly pendingCharsMax?: number;
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

/** Whether the file holds exactly what these outcomes give. Only looks. */
export function holdsResults(
  layout: Omit<ResultsLayout, 'onTrouble'>,
  outcomes: Iterable<FoldedOutcome>,
  files: Files = systemFiles,
): boolean {
  try {
    return withFile(files, layout.path, 'read', (file) => {
      let bytes = 0;
      for (const piece of new ResultsText(layout).pieces([...outcomes])) {
        const data = Buffer.from(piece);
        const there = Buffer.alloc(data.length);
        files.read(file, there, bytes);
        if (!there.equals(data)) return false;
        bytes += data.length;
      }
      return files.sizeBytes(file) === bytes;
    });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}

/** `results.csv`: a projection of the journal. Its troubles never stop a run. */
export class ResultsFile {
  readonly #layout: ResultsLayout;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #pendingCharsMax: number;
  #text: ResultsText;
  #state: State = 'in step';
  /** What stands in the file for sure; behind it there may be a torn piece of `#pending`. */
  #bytes = 0;
  #pending = '';
  #warned = false;
  #retryMs = retryFirstMs;
  #cancelRetry: () => void = () => undefined;

  constructor(layout: ResultsLayout, options: ResultsOptions = {}) {
    this.#layout = layout;
    this.#files = options.files ?? systemFiles;
    this.#clock = options.clock ?? systemClock();
    this.#pendingCharsMax = options.pendingCharsMax ?? 64 * 1024 ** 2;
    this.#text = new ResultsText(layout);
  }

  /** Makes the file hold exactly this: what is right already stays, also what is torn or edited is mended. */
  rewrite(outcomes: Iterable<FoldedOutcome>): void {
    const list = [...outcomes];
    this.#state = 'lost';
    this.#attempt(() => {
      if (!this.#extend(list)) this.#replace(list);
    });
  }

  append(outcomes: readonly FoldedOutcome[]): void {
    this.#pending += this.#state === 'lost' ? '' : this.#text.next(outcomes);
    if (this.#state === 'in step' && this.#pending !== '') this.#attempt(() => this.#writePending());
    if (this.#pending.length <= this.#pendingCharsMax) return;
    this.#pending = '';
    this.#state = 'lost';
  }

  /** At the end of a run: whether the file holds everything, and is on the disk. */
  finish(): boolean {
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
    this.#cancelRetry();
  }

  /** Compares with what is there; writes on where that ends. Says no where it is anything else than a beginning. */
  #extend(outcomes: readonly FoldedOutcome[]): boolean {
    const text = new ResultsText(this.#layout);
    try {
      return withFile(this.#files, this.#layout.path, 'update', (file) => {
        const there = this.#files.sizeBytes(file);
        let bytes = 0;
        for (const piece of text.pieces(outcomes)) {
          const data = Buffer.from(piece);
          const known = Buffer.alloc(Math.max(0, Math.min(data.length, there - bytes)));
          if (known.length > 0) this.#files.read(file, known, bytes);
          if (!known.equals(data.subarray(0, known.length))) return false;
          if (known.length < data.length)
            writeAll(this.#files, file, data.subarray(known.length), bytes + known.length);
          bytes += data.length;
        }
        if (there > bytes) return false;
        this.#standAt(text, bytes);
        return true;
      });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  #replace(outcomes: readonly FoldedOutcome[]): void {
    const { path } = this.#layout;
    this.#assertReplaceable();
    const text = new ResultsText(this.#layout);
    let bytes = 0;
    try {
      withFile(this.#files, draftOf(path), 'replace', (file) => {
        for (const piece of text.pieces(outcomes)) {
          const data = Buffer.from(piece);
          writeAll(this.#files, file, data, bytes);
          bytes += data.length;
        }
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
    this.#bytes = bytes;
    this.#pending = '';
  }

  #writePending(): void {
    const data = Buffer.from(this.#pending);
    const isOurs = withFile(this.#files, this.#layout.path, 'update', (file) => {
      const size = this.#files.sizeBytes(file);
      if (size < this.#bytes || size > this.#bytes + data.length) return false;
      if (size > this.#bytes && this.#state === 'in step') return false;
      writeAll(this.#files, file, data, this.#bytes);
      return true;
    });
    if (!isOurs) throw new ForeignFile();
    this.#bytes += data.length;
    this.#pending = '';
  }

  #sync(): void {
    withFile(this.#files, this.#layout.path, 'update', (file) => this.#files.sync(file));
  }

  #catchUp(): void {
    this.#attempt(() => {
      if (this.#state === 'behind') this.#writePending();
      else if (this.#layout.recall !== undefined) this.#replace([...this.#layout.recall()]);
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
