import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FetchWish } from '../../core/remote/collect-plan.ts';
import { journalName } from '../../core/remote/listing.ts';
import { draftOf } from '../draft.ts';
import { codeOf } from '../files.ts';
import { hashLocal } from './hash-local.ts';

const tailBytes = 1 << 16;

/** A copy of a run folder that lies elsewhere. Paths must have been found safe; nothing is written through a link. */
export class CollectedFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** How much of a file is here; of the journal, whole lines: what comes after may have been cut off there meanwhile. */
  bytes(path: string): number | undefined {
    const bytes = this.#size(path);
    return path === journalName && bytes !== undefined ? this.#wholeLines(bytes) : bytes;
  }

  hashStart(path: string, bytes: number): Promise<string> {
    return hashLocal(this.#place(path), bytes);
  }

  /** Opens what a piece goes to. */
  open({ kind, piece: { path, offset } }: FetchWish): ReceivedPiece {
    const place = this.#place(path);
    mkdirSync(dirname(place), { recursive: true });
    return new ReceivedPiece(place, kind, offset);
  }

  #size(path: string): number | undefined {
    try {
      const found = lstatSync(this.#place(path));
      if (!found.isFile()) throw Object.assign(new Error(`${this.#place(path)} is no file`), { code: 'EEXIST' });
      return found.size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  #wholeLines(bytes: number): number {
    const file = openSync(this.#place(journalName), 'r');
    try {
      const tail = Buffer.alloc(tailBytes);
      for (let end = bytes; end > 0; end -= tailBytes) {
        const from = Math.max(0, end - tailBytes);
        const read = readSync(file, tail, 0, end - from, from);
        const at = tail.subarray(0, read).lastIndexOf('\n');
        if (at >= 0) return from + at + 1;
      }
      return 0;
    } finally {
      closeSync(file);
    }
  }

  #place(path: string): string {
    return join(this.path, ...path.split('/'));
  }
}

/**
 * What has arrived of a file so far is always its beginning, so an interruption loses nothing; only what takes the place of
 * something else is written beside it first.
 */
export class ReceivedPiece {
  readonly #place: string;
  readonly #path: string;
  readonly #file: number;
  #at: number;

  constructor(place: string, kind: FetchWish['kind'], offset: number) {
    this.#place = place;
    this.#path = kind === 'append' ? place : draftOf(place);
    this.#at = offset;
    this.#file = openSync(this.#path, offset === 0 ? 'w' : 'r+');
    ftruncateSync(this.#file, offset);
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#at + done);
    this.#at += bytes.length;
  }

  close(isWhole: boolean): void {
    closeSync(this.#file);
    if (this.#path === this.#place) return;
    if (isWhole) renameSync(this.#path, this.#place);
    else rmSync(this.#path, { force: true });
  }
}
