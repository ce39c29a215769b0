import { readJournal } from '../runtime/read-journal.ts';
import { journalPath } from '../runtime/run-folder.ts';

/** How many jobs the pool of a run folder has, as its last start saw it; `undefined`: no journal says it. */
export function poolSizeOf(folder: string): number | undefined {
  const { header, sessions } = readJournal(journalPath(folder)).fold;
  return sessions.findLast(({ total }) => total !== undefined)?.total ?? header?.total;
}
