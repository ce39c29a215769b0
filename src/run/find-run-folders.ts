import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { escapeMachineName } from '../config/machine-name.ts';
import { shareOfName } from '../core/equal-shares.ts';
import { peekHeader } from '../runtime/merge/peek-header.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { isMovedAside } from './move-aside.ts';

/** The run folders of an experiment beside its three files. */
export function findRunFolders(place: string, experiment: string): readonly string[] {
  const prefix = `${escapeMachineName(experiment)}.`;
  return readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
    .map((entry) => join(place, entry.name))
    .filter((folder) => isFile(journalPath(folder)))
    .sort();
}

/**
 * All run folders beside the three files, by experiment, ascending: folders called `<experiment>.<machine>` that hold a journal, gzipped
 * ones too. What `merge` writes holds none; copies and what was moved aside are called otherwise.
 * `own`: the experiment that a journal is taken for whose first line cannot be read, where the name says so: who reads all of it says why.
 */
export function findExperiments(place: string, own: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const entries = readdirSync(place, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const name of entries.map((entry) => entry.name).sort()) {
    if (isMovedAside(name) || !holdsJournal(join(place, name), name.startsWith(`${escapeMachineName(own)}.`))) continue;
    const experiment = peekHeader(join(place, name))?.experiment ?? own;
    const prefix = `${escapeMachineName(experiment)}.`;
    if (!name.startsWith(prefix) || name === `${prefix}merged`) continue;
    found.set(experiment, [...(found.get(experiment) ?? []), name]);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of how many equal shares there are run folders beside the three files, by their names alone; ascending. */
export function shareCountsBeside(place: string, experiment: string): readonly number[] {
  const prefix = `${escapeMachineName(experiment)}.`;
  const counts = readdirSync(place)
    .filter((name) => name.startsWith(prefix))
    .map((name) => shareOfName(name.slice(prefix.length))?.count ?? 0);
  return [...new Set(counts)].filter((count) => count > 0).sort((a, b) => a - b);
}

/** `isOwn`: by its name. Others (`lost+found`, somebody's mailbox) may be closed to us. */
function holdsJournal(folder: string, isOwn: boolean): boolean {
  const path = journalPath(folder);
  try {
    return isFile(path) || isFile(`${path}.gz`);
  } catch (error) {
    if (isOwn) throw error;
    return false;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
