import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { userFolder } from '../src/runtime/assets/asset-list.ts';
import { type CarriedFile, carry, filesBelow } from './carried-files.ts';
import { RecipeError } from './recipe-error.ts';

/** What is better laid beside the executable than copied with each build of it. */
const largeBytes = 50_000_000;

/** The files and folders named with ASSETS, each under its own name. A text that is a path as a whole may hold spaces. */
export function gatherAssets(text: string | undefined): readonly CarriedFile[] {
  const names = new Map<string, string>();
  for (const word of wordsOf(text ?? '')) {
    const source = resolve(word);
    const name = basename(source);
    if (!existsSync(source)) throw new RecipeError(`ASSETS: there is no ${word}`);
    const other = names.get(name.toLowerCase());
    if (other !== undefined) throw new RecipeError(`ASSETS: ${other} and ${word} would have the same name`);
    names.set(name.toLowerCase(), word);
  }
  return [...names.values()].flatMap((word) => {
    const source = resolve(word);
    return [...filesBelow(source, `${userFolder}/${basename(source)}`)].map((file) => carry(file.source, file.path));
  });
}

/** Advice about files that make every copy of the executable slow. */
export function warnOfLarge(files: readonly CarriedFile[]): string | undefined {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= largeBytes) return undefined;
  const size = Math.round(bytes / 1e6);
  return `ASSETS come to ${size} MB, which every executable carries and every start checks. Rather lay them beside the executable, and read them from there.`;
}

function wordsOf(text: string): readonly string[] {
  if (text.trim() === '') return [];
  return existsSync(text) ? [text] : text.trim().split(/\s+/);
}
