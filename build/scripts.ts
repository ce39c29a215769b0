import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, roles } from './bundle.ts';
import { writeCarried } from './carried-files.ts';
import { repositoryFolder } from './folders.ts';

/** Writes what `boot.cjs` asks for: beside itself under plain Node. */
export function writeScripts(folder: string, bundle: Bundle, target: string): void {
  for (const role of roles) {
    writeFileSync(join(folder, `${role}.js`), bundle[role].text);
    writeFileSync(join(folder, `${role}.js.map`), bundle[role].map);
  }
  writeCarried(folder, bundle.carriedTo(target));
}

/**
 * `boot.cjs`, for an executable or for plain Node, where workers are started by its path. `home`: what code takes for its own folder
 * under plain Node: that of the entry, where lies what will lie beside the executable.
 */
export function bootFor(target: string, home?: string): string {
  const boot = readFileSync(join(repositoryFolder, 'build', 'boot.cjs'), 'utf8');
  const environment =
    target === 'unpackaged'
      ? 'process.env.JOB_SPLITTER_BUNDLE = __filename;'
      : `process.env.JOB_SPLITTER_TARGET = ${JSON.stringify(target)}; delete process.env.JOB_SPLITTER_BUNDLE;`;
  return `${environment}\nconst home = ${home === undefined ? '__dirname' : JSON.stringify(home)};\n${boot}`;
}
