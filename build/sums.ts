import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hashFile } from './hash-file.ts';

/**
 * Writes `SHA256SUMS` beside executables, as `sha256sum --check` and `shasum -c` read it: these ones' lines are new, those of
 * others that are still there stay.
 */
export function writeSums(paths: readonly string[]): string {
  const place = join(dirname(paths[0] ?? ''), 'SHA256SUMS');
  const sums = new Map<string, string>();
  for (const line of existsSync(place) ? readFileSync(place, 'utf8').split('\n') : []) {
    const name = line.slice(66);
    if (name !== '' && existsSync(join(dirname(place), name))) sums.set(name, line.slice(0, 64));
  }
  for (const path of paths) sums.set(basename(path), hashFile(path));
  const lines = [...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, sum]) => `${sum}  ${name}\n`);
  writeFileSync(place, lines.join(''));
  return place;
}
