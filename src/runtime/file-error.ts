import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { fileOfDraft, isDraft } from './draft.ts';
import { codeOf } from './files.ts';

interface Explanation {
  readonly why: string;
  readonly hint: string;
}

const noRight = (why: string): Explanation => ({
  why,
  hint: 'make the folder and what is in it readable and writable for you, or copy the program and its files to a folder of yours and start it there',
});
const noRoom = (why: string): Explanation => ({ why, hint: 'make room there, then give the same command again' });

/** What the outside world may do to any command. Other errors of the system (a bad descriptor, …) are bugs. */
const explanations: Readonly<Record<string, Explanation>> = {
  EACCES: noRight('permission denied'),
  EPERM: noRight('the system does not permit it'),
  EROFS: noRight('the file system is read-only'),
  ENOSPC: noRoom('no space is left on the disk'),
  EDQUOT: noRoom('the disk quota is used up'),
  ENOENT: { why: 'there is no such file or folder', hint: 'was it moved or deleted? Give a path that is there' },
  ENOTDIR: { why: 'a part of the path is no folder', hint: 'move that file out of the way, or name another path' },
  EEXIST: { why: 'something of this name is there', hint: 'move it out of the way, or name another path' },
  EISDIR: {
    why: 'it is a folder',
    hint: 'a file is needed there: move the folder out of the way, or name another path',
  },
  ENAMETOOLONG: { why: 'the name is too long', hint: 'name a shorter path' },
  ELOOP: { why: 'links lead in a circle', hint: 'mend the links, or name another path' },
  EMFILE: { why: 'too many files are open', hint: 'raise the limit (ulimit -n), then give the same command again' },
  EIO: { why: 'the disk, or the way to it, fails', hint: 'look after the disk, then give the same command again' },
};

/** What could not be done to which file, why, and what to do; `undefined`: it is no such error. */
export function explainFileError(error: unknown): Diagnostic | undefined {
  const code = codeOf(error) ?? '';
  if (!Object.hasOwn(explanations, code) || !isOfFile(error)) return undefined;
  const { why, hint } = explanationOf(code, error);
  const message = `${fileOfDraft(error.path)} cannot be ${spellDeed(code, error)}: ${why} (${code})`;
  return { severity: 'error', message, hint };
}

/** `permission denied (EACCES)`, for whoever says in words of his own what could not be done to which file. */
export function reasonOf(error: Error): string {
  const code = codeOf(error);
  if (typeof code !== 'string' || !Object.hasOwn(explanations, code)) return error.message;
  return `${(explanations[code] as Explanation).why} (${code})`;
}

function explanationOf(code: string, { path, syscall }: FileError): Explanation {
  const explanation = explanations[code] as Explanation;
  // A draft need not be there when it is opened: it is the folder that is missing.
  if (code !== 'ENOENT' || !isDraft(path) || syscall === 'rename' || existsSync(dirname(path))) return explanation;
  return { why: `there is no folder ${dirname(path)}`, hint: 'make that folder, or name another path' };
}

type FileError = Error & { readonly syscall: string; readonly path: string };

/** Not those of sockets, nor of programs that cannot be started. */
function isOfFile(error: unknown): error is FileError {
  if (!(error instanceof Error) || !('syscall' in error) || !('path' in error)) return false;
  return typeof error.path === 'string' && typeof error.syscall === 'string' && !error.syscall.startsWith('spawn');
}

const deeds: Readonly<Record<string, string>> = {
  mkdir: 'made',
  mkdtemp: 'made',
  link: 'written',
  rename: 'renamed',
  unlink: 'removed',
  rm: 'removed',
  rmdir: 'removed',
  scandir: 'listed',
  stat: 'looked at',
  lstat: 'looked at',
  read: 'read',
  write: 'written',
  fsync: 'written',
  ftruncate: 'written',
  copyfile: 'copied',
};

function spellDeed(code: string, { syscall, path }: FileError): string {
  if (syscall !== 'open') return deeds[syscall] ?? 'used';
  if (isDraft(path)) return 'written';
  return code !== 'ENOENT' && wasToBeWritten(path) ? 'written' : 'opened';
}

/** The system does not say what a file was opened for: what could be read, or can be looked for and is not there. */
function wasToBeWritten(path: string): boolean {
  return can(path, constants.R_OK) || (can(dirname(path), constants.X_OK) && !existsSync(path));
}

function can(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
