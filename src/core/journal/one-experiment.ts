import { findSettingsChange } from '../plan-change.ts';
import type { JournalHeader } from './record.ts';

type About = Pick<JournalHeader, 'experiment' | 'experimentDigest' | 'seed' | 'plan'>;

/**
 * In what two journals are not of one experiment, as sentences: by its name, else by seed or settings, as `merge` would refuse them.
 * Only the pool may differ: it may have grown.
 */
export function whyOtherExperiment(one: About, other: About): readonly string[] {
  if (one.experiment !== other.experiment) return [`the name is ${JSON.stringify(other.experiment)}`];
  if (one.experimentDigest === other.experimentDigest && one.seed === other.seed) return [];
  const changes = one.plan && other.plan ? findSettingsChange(one.plan, other.plan).changes : [];
  if (changes.length > 0 || one.seed === other.seed) return changes;
  // Where it is the digest, it differs because the jobs do, and says nothing by itself.
  const isDigest = one.seed === one.experimentDigest && other.seed === other.experimentDigest;
  return [isDigest ? 'the jobs differ' : `the seed was ${one.seed}, is ${other.seed}`];
}

/** Those that are the same are put together; the first of each decides where it stands. */
export function groupAlike<Item>(
  items: readonly Item[],
  areAlike: (a: Item, b: Item) => boolean,
): readonly (readonly [Item, ...Item[]])[] {
  const groups: [Item, ...Item[]][] = [];
  for (const item of items) {
    const group = groups.find(([first]) => areAlike(first, item));
    if (group === undefined) groups.push([item]);
    else group.push(item);
  }
  return groups;
}
