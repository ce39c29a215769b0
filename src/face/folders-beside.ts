import { join } from 'node:path';
import { escapeText } from '../core/escape-text.ts';
import { quoteWord } from '../core/quote-word.ts';
import { findExperiments } from '../run/find-run-folders.ts';
import { findFolder } from '../run/three-files.ts';
import type { Program } from './run-command.ts';
import { say } from './say.ts';

/**
 * The run folders that a command is about to which none were given: those beside the three files, as a person here would
 * name them. `undefined`, and said why, where there are none, or those of several experiments: which are meant is not guessed. A
 * report only looks: the program's own ones are meant, and the others are named.
 */
export function findFoldersBeside(
  command: 'merge' | 'logs' | 'report',
  { experiment, build }: Program,
): readonly string[] | undefined {
  const own = experiment.name ?? build.name;
  const place = findFolder(process.cwd(), process.execPath);
  const found = [...findExperiments(place, own)].map(([name, folders]): Found => {
    const paths = folders.map((folder) => (place === process.cwd() ? folder : join(place, folder)));
    // Logs and journals are read alike whatever they are of; what is joined is checked against the program's jobs.
    const whose = command === 'merge' && name !== own ? ` (with the program of ${escapeText(name)})` : '';
    return { name, folders: paths, command: `${command} ${paths.map(quoteWord).join(' ')}${whose}` };
  });
  const [first, ...others] = found;
  if (first === undefined) {
    say(`There are no run folders in ${place}; give some, such as ${quoteWord(`${own}.lab1`)}.`);
    return undefined;
  }
  if (others.length === 0 && (command !== 'merge' || first.name === own)) return first.folders;
  const ours = found.find(({ name }) => name === own);
  if (command === 'report' && ours !== undefined) {
    for (const other of found) {
      if (other !== ours) say(`Left out    the run folders of ${escapeText(other.name)}: ${other.command}`);
    }
    return ours.folders;
  }
  const which = others.length === 0 ? 'another experiment' : `${found.length} experiments`;
  say(`The run folders in ${place} are of ${which}; name those that are meant:`);
  for (const one of found) say(`  ${one.command}`);
  return undefined;
}

interface Found {
  readonly name: string;
  readonly folders: readonly string[];
  /** What to type to mean these. */
  readonly command: string;
}
