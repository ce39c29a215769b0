import * as fs from 'node:fs';
import { dirname } from 'node:path';

/** `read`; `update`: must exist, is kept; `create`: must not exist; `replace`: emptied if it exists. */
export type OpenHow = 'read' | 'update' | 'create' | 'replace';

/**
 * All that is done to the files of a run folder goes through here, so that tests can make any single operation fail.
 * The functions throw the system's own errors. Files are numbers, as the system names them.
 */
export interface Files {
  open(path: string, how: OpenHow): number;
  close(file: number): void;
  sizeBytes(file: number): number;
  /** What tells an open file from all others, whatever path leads to it. */
  identity(file: number): string;
  /** When the file was last written, in milliseconds since 1970. */
  modifiedMs(path: string): number;
  /** Reads at a position; returns how many bytes there were, 0 at the end. */
  read(file: number, into: Uint8Array, positionBytes: number): number;
  /** Writes at a position; returns how many bytes were taken, which may be fewer than given. */
  write(file: number, data: Uint8Array, positionBytes: number): number;
  truncate(file: number, bytes: number): void;
  /** Waits until what was written is on the disk. */
  sync(file: number): void;
  rename(from: string, to: string): void;
  /** A second name for a file; fails where the name is taken. */
  link(from: string, to: string): void;
  /** Nothing happens where there is no such file. */
  remove(path: string): void;
  /** With all folders above it; returns whether it was not there before. */
  makeFolder(path: string): boolean;
  list(folder: string): readonly string[];
  writeLater(file: number, data: Uint8Array, positionBytes: number, done: Done<number>): void;
  syncLater(file: number, done: Done<undefined>): void;
  /** Stops this process for moments, before something is tried again. */
  pause(ms: number): void;
}

export type Done<Value> = (error: NodeJS.ErrnoException | null, value: Value) => void;

const flags: Readonly<Record<OpenHow, string>> = { read: 'r', update: 'r+', create: 'wx+', replace: 'w+' };

export const systemFiles: Files = {
  open: (path, how) => fs.openSync(path, flags[how], 0o644),
  close: (file) => fs.closeSync(file),
  sizeBytes: (file) => fs.fstatSync(file).size,
  identity: (file) => {
    const { dev, ino } = fs.fstatSync(file, { bigint: true });
    return `${dev}:${ino}`;
  },
  modifiedMs: (path) => fs.statSync(path).mtimeMs,
  read: (file, into, position) => fs.readSync(file, into, 0, into.length, position),
  write: (file, data, position) => fs.writeSync(file, data, 0, data.length, position),
  truncate: (file, bytes) => fs.ftruncateSync(file, bytes),
  sync: (file) => fs.fsyncSync(file),
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  makeFolder,
  list: (folder) => fs.readdirSync(folder),
  writeLater: (file, data, position, done) =>
    fs.write(file, data, 0, data.length, position, (error, written) => done(error, written)),
  syncLater: (file, done) => fs.fdatasync(file, (error) => done(error, undefined)),
  pause: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

/** Not by Node's `recursive`, which never ends where a system has no such folder although the one above it is there (`/proc/x`). */
function makeFolder(path: string): boolean {
  try {
    fs.mkdirSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && fs.statSync(path).isDirectory()) return false;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path || fs.existsSync(dirname(path))) throw error;
  }
  makeFolder(dirname(path));
  return makeFolder(path);
}

/** The system's short name of an error, such as `ENOSPC`; `undefined` for errors of another kind. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Writes everything, in as many pieces as the system takes it. */
export function writeAll(files: Files, file: number, data: Uint8Array, positionBytes: number): void {
  for (let from = 0; from < data.length; ) {
    from += files.write(file, data.subarray(from), positionBytes + from);
  }
}

/** Opens a file for one purpose and closes it in any case. */
export function withFile<Value>(files: Files, path: string, how: OpenHow, use: (file: number) => Value): Value {
  const file = files.open(path, how);
  let value: Value;
  try {
    value = use(file);
  } catch (error) {
    closeQuietly(files, file);
    throw withPath(error, path);
  }
  // A network file system may refuse only now what was written before.
  files.close(file);
  return value;
}

/** The system names the path only where a file is opened, and a message has to. */
function withPath(error: unknown, path: string): unknown {
  if (codeOf(error) !== undefined && error instanceof Error && !('path' in error)) Object.assign(error, { path });
  return error;
}

function closeQuietly(files: Files, file: number): void {
  try {
    files.close(file);
  } catch {
    // Another error is on its way already.
  }
}

/** A small file as a whole. */
export function readText(files: Files, path: string): string {
  return withFile(files, path, 'read', (file) => {
    const data = Buffer.alloc(files.sizeBytes(file));
    let length = 0;
    for (let got = -1; got !== 0 && length < data.length; length += got)
      got = files.read(file, data.subarray(length), length);
    return data.toString('utf8', 0, length);
  });
}
