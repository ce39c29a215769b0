import { join } from 'node:path';
import { escapeMachineName } from '../config/machine-name.ts';
import { escapeText } from '../core/escape-text.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { quotePath } from '../core/quote-word.ts';
import { findExperiments } from '../run/find-run-folders.ts';
import { experimentsShown, spellCommand } from '../run/spell-command.ts';
import { findFolder } from '../run/three-files.ts';
import type { Program } from './run-command.ts';
import { say } from './say.ts';

type Command = 'merge' | 'logs' | 'report';

/**
 * The run folders that a command is about to which none were given: those beside the three files, as a person here would
 * name them. `undefined`, and said why, where there are none, or those of several experiments: which are meant is not guessed. A
 * report only looks: the program's own ones are meant, and the others are named.
 */
export function findFoldersBeside(command: Command, { experiment, build }: Program): readonly string[] | undefined {
  const own = experiment.name ?? build.name;
  const place = findFolder(process.cwd(), process.execPath);
  const shownPlace = escapeText(place);
  const found = [...findExperiments(place, own)].map(([name, folders]): Found => {
    const paths = folders.map((folder) => (place === process.cwd() ? folder : join(place, folder)));
    return { name, isOwn: name === own, folders: paths };
  });
  // However many there are, one's own are among those that are shown.
  found.sort((a, b) => Number(b.isOwn) - Number(a.isOwn));
  const [first, ...others] = found;
  if (first === undefined) {
    const example = quotePath(`${escapeMachineName(own)}.lab1`);
    say(`There are no run folders in ${shownPlace}; give some, such as ${example}.`);
    return undefined;
  }
  if (others.length === 0 && (command !== 'merge' || first.isOwn)) return first.folders;
  if (command === 'report' && first.isOwn) {
    sayLeftOut(command, others);
    return first.folders;
  }
  const which = others.length === 0 ? 'another experiment' : `${formatCount(found.length)} experiments`;
  say(`The run folders in ${shownPlace} are of ${which}; name those that are meant:`);
  for (const one of found.slice(0, experimentsShown)) say(`  ${spellOne(command, one)}`);
  if (found.length > experimentsShown) say(`  … and those of ${spellMore(found)}`);
  return undefined;
}

interface Found {
  readonly name: string;
  readonly isOwn: boolean;
  readonly folders: readonly string[];
}

function sayLeftOut(command: Command, others: readonly Found[]): void {
  for (const other of others.slice(0, experimentsShown))
    say(`Left out    the run folders of ${escapeText(other.name)}: ${spellOne(command, other)}`);
  if (others.length > experimentsShown) say(`Left out    the run folders of ${spellMore(others)}`);
}

/** What to type to mean these. */
function spellOne(command: Command, { name, isOwn, folders }: Found): string {
  // Logs and journals are read alike whatever they are of; what is joined is checked against the program's jobs.
  const whose = command === 'merge' && !isOwn ? ` # with the program of ${escapeText(name)}` : '';
  return `${spellCommand(command, folders)}${whose}`;
}

const spellMore = (all: readonly Found[]): string => formatCountOf(all.length - experimentsShown, 'more experiment');
