import { basename, dirname, join } from 'node:path';
import { draftOf } from './draft.ts';
import { codeOf, type Files, withFile, writeAll } from './files.ts';
import { removeQuietly, renameHeld, syncFolder } from './replace-file.ts';

/** How often the path is followed: it costs an `open`. */
const followMs = 1_000;
const copiesMax = 100;
const chunkBytes = 1 << 20;
const comparedBytes = 64 * 1024;

/**
 * Notices that a journal in use was deleted, moved, replaced or cut short by another program: what is written to the
 * open file would reach nobody. The open file still holds what was synced (unless it was cut): it is saved, under the
 * old name where that is free.
 */
export class JournalWatch {
  readonly #files: Files;
  readonly #file: number;
  readonly #whyNotOurs: () => string | undefined;
  readonly #nowMs: () => number;
  #path: string;
  #why: string | undefined;
  #followedAtMs = Number.NEGATIVE_INFINITY;

  /** `whyNotOurs` says who has taken over the folder: then nothing may be written there. */
  constructor(
    path: string,
    file: number,
    files: Files,
    whyNotOurs: () => string | undefined,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#path = path;
    this.#file = file;
    this.#files = files;
    this.#whyNotOurs = whyNotOurs;
    this.#nowMs = nowMs;
  }

  /** Where what was synced can be read. */
  get path(): string {
    return this.#path;
  }

  /** Says what happened and what to do, also whenever it is asked again; `undefined` while all is well. */
  whyLost(syncedBytes: number): string | undefined {
    if (this.#why !== undefined) return this.#why;
    const isDue = this.#nowMs() - this.#followedAtMs >= followMs;
    this.#why = this.#findCut(syncedBytes) ?? (isDue ? this.#follow(syncedBytes) : undefined);
    return this.#why;
  }

  /** The same before the file is closed, whenever it was looked at last. */
  whyLostAtLast(syncedBytes: number): string | undefined {
    this.#followedAtMs = Number.NEGATIVE_INFINITY;
    return this.whyLost(syncedBytes);
  }

  #findCut(syncedBytes: number): string | undefined {
    const bytes = attempt(() => this.#files.sizeBytes(this.#file)) ?? syncedBytes;
    if (bytes >= syncedBytes) return undefined;
    const what = `another program cut ${this.#path} from ${syncedBytes} to ${bytes} bytes`;
    return `${what}. Put a copy in its place if there is one: jobs that it no longer holds run again`;
  }

  #follow(syncedBytes: number): string | undefined {
    this.#followedAtMs = this.#nowMs();
    const found = this.#find(syncedBytes);
    if (found === 'ours') return undefined;
    const taken = this.#whyNotOurs();
    if (taken !== undefined) return taken;
    const path = this.#path;
    const saved = attempt(() => this.#save(syncedBytes));
    if (found === 'nothing' && saved === path)
      return `${path} was deleted or moved during the run. It has been written again, whole: start again to go on`;
    const what = `${path} was ${found === 'nothing' ? 'deleted or moved' : 'replaced by another file'} during the run`;
    if (saved === undefined) return `${what}, and cannot be written again. If it was moved, put it back: it is whole`;
    return `${what}. What is settled stands in ${saved}: rename it to ${basename(path)} before you start again`;
  }

  #find(syncedBytes: number): 'ours' | 'nothing' | 'another' {
    try {
      return withFile(this.#files, this.#path, 'read', (file) => {
        if (this.#files.identity(file) === this.#files.identity(this.#file)) return 'ours';
        return this.#holdsTheSame(file, syncedBytes) ? 'ours' : 'another';
      });
    } catch (error) {
      // Out of reach or held for the moment: writing will tell.
      return codeOf(error) === 'ENOENT' ? 'nothing' : 'ours';
    }
  }

  /** Some file systems give a file another number each time. A copy betrays itself as soon as more is written. */
  #holdsTheSame(file: number, syncedBytes: number): boolean {
    if (this.#files.sizeBytes(file) < syncedBytes) return false;
    const [theirs, ours] = [file, this.#file].map((each) => {
      const end = Buffer.alloc(Math.min(comparedBytes, syncedBytes));
      this.#files.read(each, end, syncedBytes - end.length);
      return end;
    });
    return theirs !== undefined && ours !== undefined && theirs.equals(ours);
  }

  /** Copies what was synced to the first name that is free; returns it. */
  #save(syncedBytes: number): string | undefined {
    const draft = draftOf(this.#path);
    withFile(this.#files, draft, 'replace', (copy) => {
      const chunk = Buffer.alloc(Math.min(chunkBytes, syncedBytes));
      for (let at = 0, got = -1; at < syncedBytes && got !== 0; at += got) {
        got = this.#files.read(this.#file, chunk.subarray(0, Math.min(chunk.length, syncedBytes - at)), at);
        writeAll(this.#files, copy, chunk.subarray(0, got), at);
      }
      this.#files.sync(copy);
    });
    for (let number = 0; number < copiesMax; number++) {
      const name = number === 0 ? this.#path : join(dirname(this.#path), `journal.saved-${number}.jsonl`);
      if (!giveName(this.#files, draft, name)) continue;
      removeQuietly(this.#files, draft);
      syncFolder(this.#files, dirname(name));
      this.#path = name;
      return name;
    }
    return undefined;
  }
}

/** A name that nobody else's file has. */
function giveName(files: Files, draft: string, name: string): boolean {
  try {
    files.link(draft, name);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
  }
  // A file system without links.
  try {
    withFile(files, name, 'create', () => undefined);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  renameHeld(files, draft, name);
  return true;
}

function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
