import { countShares } from '../core/equal-shares.ts';
import { peekHeader } from '../runtime/merge/peek-header.ts';
import { findRunFolders } from './find-run-folders.ts';
import { allMachines, isFilledIn } from './prepare.ts';
import type { ThreeFiles } from './three-files.ts';

/**
 * For how many equal shares the plan of run folders was cut, as their journals record it; `undefined`: for machines, or
 * nobody knows. Without folders those beside the three files tell it, unless `machines.json` does.
 */
export function sharesOfFolders(given: readonly string[], files: ThreeFiles, experiment: string): number | undefined {
  if (given.length > 0) return sharesOf(given);
  return isFilledIn(files) ? undefined : sharesOf(findRunFolders(files.folder, experiment));
}

/** Where shares of several plans meet: the one that most of them are of. */
function sharesOf(folders: readonly string[]): number | undefined {
  const votes = new Map<number, number>();
  for (const folder of folders) {
    const header = peekHeader(folder);
    // Whoever reads the whole journal says what is wrong with it; N/A runs under any plan.
    if (header === undefined || header.machine === allMachines) continue;
    const count = countShares(header.plan?.machines.map(({ name }) => name) ?? []);
    if (count === undefined) return undefined;
    votes.set(count, (votes.get(count) ?? 0) + 1);
  }
  return [...votes].sort(([a, votesOfA], [b, votesOfB]) => votesOfB - votesOfA || b - a)[0]?.[0];
}
