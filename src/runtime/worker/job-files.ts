import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { whyNoFileName } from '../../core/file-name.ts';
import type { JobFile } from '../../core/outcome.ts';
import { surely } from '../../core/sure-error.ts';
import { type Files, systemFiles } from '../files.ts';
import { renameHeld } from '../replace-file.ts';
import { draftFilesPath, filesPath } from '../run-folder.ts';
import { syncFolder } from '../sync-folder.ts';

/** More would make a very long line of the journal. */
const filesMax = 10_000;

/** What a job's files came to. */
export type SettledFiles =
  | { readonly ok: true; readonly files: readonly JobFile[] | undefined }
  | { readonly ok: false; readonly problem: string };

/**
 * The files of one attempt: written in a folder of the attempt's own, moved to the job's when it succeeded. A kill between the
 * move and the journal does no harm: the job runs again and replaces them.
 */
export class JobFiles {
  readonly #runFolder: string;
  readonly #job: number;
  readonly #attempt: number;
  readonly #files: Pick<Files, 'rename' | 'pause'>;
  #folder: string | undefined;

  constructor(runFolder: string, job: number, attempt: number, files: Pick<Files, 'rename' | 'pause'> = systemFiles) {
    this.#runFolder = runFolder;
    this.#job = job;
    this.#attempt = attempt;
    this.#files = files;
  }

  /** Where to write the file of that name. */
  path(name: string): string {
    const why = whyNoFileName(name);
    if (why !== undefined) {
      const spelt = JSON.stringify(String(name).slice(0, 100));
      throw surely(new RangeError(`context.file(${spelt}): not a file name on every system: ${why}`));
    }
    this.#folder ??= this.#makeFolder();
    return join(this.#folder, name);
  }

  /** Moves the files to their place, or removes those of an attempt that failed. */
  settle(succeeded: boolean): SettledFiles {
    if (this.#folder === undefined) return { ok: true, files: undefined };
    const place = filesPath(this.#runFolder, this.#job);
    const listed: SettledFiles = succeeded ? list(this.#folder) : { ok: true, files: undefined };
    if (!listed.ok || listed.files === undefined || listed.files.length === 0) {
      removeHeld(this.#folder);
      return listed.ok ? { ok: true, files: undefined } : listed;
    }
    removeHeld(place);
    renameHeld(this.#files, this.#folder, place);
    syncFolder(dirname(place));
    return listed;
  }

  #makeFolder(): string {
    // What earlier attempts left when they were killed, and this one, if a stop cut it short.
    for (let attempt = 1; attempt <= this.#attempt; attempt++) {
      removeHeld(draftFilesPath(this.#runFolder, this.#job, attempt));
    }
    const folder = draftFilesPath(this.#runFolder, this.#job, this.#attempt);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

/** Windows: a virus scanner may be at what was just written. Node waits 20 ms, 40 ms, … between tries: a second in all. */
function removeHeld(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 9, retryDelay: 20 });
}

/** All files below a folder, in the order of their names, each brought to the disk and hashed. */
function list(root: string): SettledFiles {
  const files: JobFile[] = [];
  const left = existsSync(root) ? [''] : [];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const folder = join(root, at);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const name = at === '' ? entry.name : `${at}/${entry.name}`;
      const why = whyNoFileName(entry.name);
      if (why !== undefined) return refuse(`the file ${JSON.stringify(name)} cannot be kept: ${why}`);
      if (entry.isDirectory()) left.push(name);
      else if (entry.isFile()) files.push({ name, ...readFile(join(root, name)) });
      else return refuse(`${JSON.stringify(name)} is neither a file nor a folder; links cannot be kept`);
      if (files.length > filesMax) return refuse(`the job wrote more than ${filesMax} files; pack them into one`);
    }
    syncFolder(folder);
  }
  return { ok: true, files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

const refuse = (problem: string): SettledFiles => ({ ok: false, problem });

function readFile(path: string): Pick<JobFile, 'bytes' | 'sha256'> {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(1 << 20);
    let bytes = 0;
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
      bytes += read;
    }
    syncFile(file);
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    closeSync(file);
  }
}

function syncFile(file: number): void {
  try {
    fsyncSync(file);
  } catch {
    // Windows syncs only what is open for writing; the file may be read-only.
  }
}
