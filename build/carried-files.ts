import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AssetList, PackedFile } from '../src/runtime/assets/asset-list.ts';
import { RecipeError } from './recipe-error.ts';

/** A file that travels in the executable. */
export interface CarriedFile extends PackedFile {
  /** Where it lies on the machine that builds. */
  readonly source: string;
}

/** A mistake such as `ASSETS=/` would else fill the disk. */
const filesMax = 100_000;

/** All files of a folder, by name, or the file itself; links are followed, but not into a folder that leads there. */
export function* filesBelow(
  source: string,
  path: string,
  enters: (name: string) => boolean = () => true,
): Generator<{ readonly source: string; readonly path: string }> {
  const open: { source: string; path: string; above: readonly string[] }[] = [{ source, path, above: [] }];
  let count = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { source, path, above } = next;
    if (!statSync(source).isDirectory()) {
      if (++count > filesMax) throw new RecipeError(`${source}: more than ${filesMax} files; nothing carries so many`);
      yield { source, path };
      continue;
    }
    const real = realpathSync(source);
    if (above.includes(real)) throw new RecipeError(`${source}: a link into a folder that it lies in`);
    for (const name of readdirSync(source).sort().reverse()) {
      if (enters(name)) open.push({ source: join(source, name), path: `${path}/${name}`, above: [...above, real] });
    }
  }
}

export function carry(source: string, path: string): CarriedFile {
  if (!statSync(source).isFile()) throw new RecipeError(`${source}: neither a file nor a folder`);
  const data = readFileSync(source);
  return { source, path, bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') };
}

/** Of what is carried, whatever it is called on the machine that builds. */
export function hashCarried(files: readonly CarriedFile[]): string {
  return createHash('sha256')
    .update(JSON.stringify(listOf(files)))
    .digest('hex');
}

/** Writes what `boot.cjs` hands to the program. */
export function writeCarried(folder: string, files: readonly CarriedFile[]): void {
  const place = join(folder, 'carried');
  rmSync(place, { recursive: true, force: true });
  if (files.length === 0) return;
  mkdirSync(place);
  // By number: the list says what they are called.
  for (const [number, { source }] of files.entries()) copyFileSync(source, join(place, String(number)));
  writeFileSync(join(place, 'list.json'), JSON.stringify(listOf(files)));
}

function listOf(files: readonly CarriedFile[]): AssetList {
  return { files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })) };
}
