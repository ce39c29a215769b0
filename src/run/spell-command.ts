import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { escapeText } from '../core/escape-text.ts';
import { formatCount } from '../core/format-count.ts';
import { findNamePattern } from '../core/name-pattern.ts';
import { quotePath, quoteWord } from '../core/quote-word.ts';

/** An array of a batch system may have thousands of shares. */
const foldersMax = 20;
const firstShown = 3;

/** Of how many experiments the commands are shown. */
export const experimentsShown = 10;

/**
 * A command about run folders, as it is to be typed. Of many folders a pattern that means the same, where there is one, or the first,
 * and how many more there are: in parentheses, so that no shell takes the part for the whole.
 */
export function spellCommand(command: string, folders: readonly string[]): string {
  if (folders.length <= foldersMax) return [command, ...folders.map(quotePath)].join(' ');
  const pattern = spellPattern(folders);
  if (pattern !== undefined) return `${command} ${pattern}`;
  const first = folders.slice(0, firstShown).map(quotePath);
  return `${command} ${first.join(' ')} … (and ${formatCount(folders.length - firstShown)} more)`;
}

function spellPattern(folders: readonly string[]): string | undefined {
  // Its shells leave patterns to programs, and ours take none.
  if (process.platform === 'win32') return undefined;
  const [place = '.', ...others] = new Set(folders.map((folder) => dirname(folder)));
  if (others.length > 0) return undefined;
  const pattern = findNamePattern(
    folders.map((folder) => basename(folder)),
    listNames(place),
  );
  if (pattern === undefined) return undefined;
  const [start, { suffix }] = [join(place, pattern.prefix), pattern];
  // What would be shown in other characters would mean nothing.
  if (escapeText(start + suffix) !== start + suffix) return undefined;
  return `${quotePath(start)}*${suffix === '' ? '' : quoteWord(suffix)}`;
}

/** None, where the folder may be entered but not read. */
function listNames(place: string): readonly string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}
