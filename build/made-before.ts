import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { roles } from './bundle.ts';
import { repositoryFolder } from './folders.ts';
import { hashFile } from './hash-file.ts';
import { outputPath, type PackRequest } from './pack.ts';

/** What an executable was made of, and its own hash: an equal one need not be made again. */
interface Record {
  readonly madeOf: string;
  readonly sha256: string;
}

export interface MadeBefore {
  /** This very executable lies there already. */
  readonly isThere: boolean;
  /** Once it has been made. */
  readonly record: () => void;
}

export function findMade(request: PackRequest): MadeBefore {
  const path = outputPath(request);
  const place = recordPath(path);
  const madeOf = hashIngredients(request);
  const record = (): void => {
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, JSON.stringify({ madeOf, sha256: hashFile(path) } satisfies Record));
  };
  if (!existsSync(path) || !existsSync(place)) return { isThere: false, record };
  const known = JSON.parse(readFileSync(place, 'utf8')) as Record;
  return { isThere: known.madeOf === madeOf && known.sha256 === hashFile(path), record };
}

const recordPath = (path: string): string => join(dirname(path), '.made', `${basename(path)}.json`);

/** All that decides an executable's bytes: bundle, what it carries, Node.js, the recipe and what it is made with. */
function hashIngredients({ bundle, target, node }: PackRequest): string {
  const hash = createHash('sha256').update(JSON.stringify([target, node.version, hashFile(node.path)]));
  for (const role of roles) hash.update(JSON.stringify(bundle[role]));
  for (const { path, sha256 } of bundle.carriedTo(target)) hash.update(JSON.stringify([path, sha256]));
  const recipes = join(repositoryFolder, 'build');
  const ours = readdirSync(recipes, { withFileTypes: true }).filter((entry) => entry.isFile());
  const names = ours.map(({ name }) => join(recipes, name));
  for (const path of [...names.sort(), join(repositoryFolder, 'package-lock.json')]) hash.update(readFileSync(path));
  return hash.digest('hex');
}
