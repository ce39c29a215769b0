import { join } from 'node:path';
import { escapeText } from '../core/escape-text.ts';
import { findExperiments } from '../run/find-run-folders.ts';
import { findFolder } from '../run/three-files.ts';
import { quoteWord } from './quote-word.ts';
import type { Program } from './run-command.ts';
import { say } from './say.ts';

/**
 * The run folders that a command is about to which none were given: those beside the three files, as a person here would
 * name them. `undefined`, and said why, where there are none, or those of several experiments: which are meant is not guessed.
 */
export function findFoldersBeside(
  command: 'merge' | 'logs',
  { experiment, build }: Program,
): readonly string[] | undefined {
  const own = experiment.name ?? build.name;
  // Logs are read alike whatever they are of; what is joined is checked against the program's jobs.
  const fits = (name: string): boolean => command !== 'merge' || name === own;
  const place = findFolder(process.cwd(), process.execPath);
  const pathOf = (name: string): string => (place === process.cwd() ? name : join(place, name));
  const found = [...findExperiments(place, own)];
  const [first, ...others] = found;
  if (first === undefined) {
    say(`There are no run folders in ${place}; give some, such as ${quoteWord(`${own}.lab1`)}.`);
    return undefined;
  }
  if (others.length === 0 && fits(first[0])) return first[1].map(pathOf);
  const which = others.length === 0 ? 'another experiment' : `${found.length} experiments`;
  say(`The run folders in ${place} are of ${which}; name those that are meant:`);
  for (const [name, folders] of found) {
    const whose = fits(name) ? '' : ` (with the program of ${escapeText(name)})`;
    say(`  ${command} ${folders.map((folder) => quoteWord(pathOf(folder))).join(' ')}${whose}`);
  }
  return undefined;
}
