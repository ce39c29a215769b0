import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RecipeError } from './recipe-error.ts';

/** Refuses an entry that is no file before anything is made of it. */
export function assertEntry(entry: string): void {
  const path = resolve(entry);
  if (!existsSync(path)) throw new RecipeError(`ENTRY=${entry}: there is no such file`);
  if (statSync(path).isDirectory()) throw new RecipeError(`ENTRY=${entry} is a folder; ${spellFilesIn(entry)}`);
}

/** A folder may hold thousands. */
const namesMax = 10;

function spellFilesIn(folder: string): string {
  const names = readdirSync(resolve(folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort();
  if (names.length === 0) return 'it holds no .ts file: name the file with the experiment';
  const shown = names.slice(0, namesMax).map((name) => `ENTRY=${join(folder, name)}`);
  const more = names.length > namesMax ? `, or another one of ${names.length}` : '';
  return `name the file in it: ${shown.join(', ')}${more}`;
}
