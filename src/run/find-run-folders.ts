import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { escapeMachineName } from '../config/machine-name.ts';
import { shareOfName } from '../core/equal-shares.ts';
import { journalPath } from '../runtime/run-folder.ts';

/** The run folders of an experiment beside its three files. */
export function findRunFolders(place: string, experiment: string): readonly string[] {
  const prefix = `${escapeMachineName(experiment)}.`;
  return readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
    .map((entry) => join(place, entry.name))
    .filter((folder) => isFile(journalPath(folder)))
    .sort();
}

/** Of how many equal shares there are run folders beside the three files, by their names alone; ascending. */
export function shareCountsBeside(place: string, experiment: string): readonly number[] {
  const prefix = `${escapeMachineName(experiment)}.`;
  const counts = readdirSync(place)
    .filter((name) => name.startsWith(prefix))
    .map((name) => shareOfName(name.slice(prefix.length))?.count ?? 0);
  return [...new Set(counts)].filter((count) => count > 0).sort((a, b) => a - b);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
