import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { escapeText } from '../src/core/escape-text.ts';
import { quoteWord } from '../src/core/quote-word.ts';
import { RecipeError } from './recipe-error.ts';

/** Refuses an entry that is no file before anything is made of it. */
export function assertEntry(entry: string): void {
  const path = resolve(entry);
  const given = `ENTRY=${escapeText(entry)}`;
  if (!existsSync(path)) throw new RecipeError(`${given}: there is no such file`);
  if (statSync(path).isDirectory()) throw new RecipeError(`${given} is a folder; ${spellFilesIn(entry)}`);
}

/** A folder may hold thousands. */
const namesMax = 10;

function spellFilesIn(folder: string): string {
  const names = readdirSync(resolve(folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort();
  if (names.length === 0) return 'it holds no .ts file: name the file with the experiment';
  const shown = names.slice(0, namesMax).map((name) => `ENTRY=${quoteValue(join(folder, name))}`);
  const more = names.length > namesMax ? `, or another one of ${names.length}` : '';
  return `name the file in it: ${shown.join(', ')}${more}`;
}

/** For the shell, and for make where that was called: it looks for variables of its own in what the shell hands it. */
function quoteValue(path: string): string {
  const isByMake = process.env.MAKELEVEL !== undefined;
  return quoteWord(isByMake ? path.replaceAll('$', '$$$$') : path);
}
