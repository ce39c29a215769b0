import { whyNoFileName } from '../file-name.ts';

/** A file of a run folder somewhere else. `path` is relative, with slashes, and safe: each part is a plain file name. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
}

export interface Listing {
  /** The journal first: what it says is there lies in the files that were listed after it. */
  readonly files: readonly ListedFile[];
  /** Names that nothing here will be called; as they were listed. */
  readonly refused: readonly string[];
}

export const journalName = 'journal.jsonl';
const depthMax = 20;
const filesMax = 2_000_000;

/** Reads the answer to `list`: lines as `wc -c` prints them. Nothing in it is believed. */
export function parseListing(output: string): Listing {
  const files = new Map<string, ListedFile>();
  const refused: string[] = [];
  for (const line of output.split(/\r?\n/)) {
    const [, digits = '', path] = /^ *(\d{1,15}) \.\/(.+)$/.exec(line) ?? [];
    if (path === undefined || files.size >= filesMax) continue;
    if (!isSafePath(path)) refused.push(path);
    else if (isBroughtHome(path) && !files.has(path)) files.set(path, { path, bytes: Number(digits) });
  }
  const list = [...files.values()];
  return { files: list.sort((a, b) => Number(b.path === journalName) - Number(a.path === journalName)), refused };
}

/** It stays below the folder it is meant for, on every system. */
function isSafePath(path: string): boolean {
  const parts = path.split('/');
  return parts.length <= depthMax && parts.every((part) => whyNoFileName(part) === undefined);
}

/** Not what belongs to the process there: its lock, how far it is, requests to it, drafts, states of unfinished jobs. */
function isBroughtHome(path: string): boolean {
  return !/^(?:lock\.json|stop\.json|status\.json|checkpoints\/|files\/\.|[^/]+\.(?:new|part)$)/.test(path);
}

/** Files of jobs never change once they are there, and `merge` holds them against the journal. */
export const isFinal = (path: string): boolean => path.startsWith('files/');
