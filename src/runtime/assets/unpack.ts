import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import { codeOf } from '../files.ts';
import type { AssetList } from './asset-list.ts';
import { holdsUnpacked } from './check-unpacked.ts';
import { cacheHome, openPrivateFolder } from './private-folder.ts';

/** Reads a file that travels in the executable; `undefined`: there is none of this name. */
export type Carried = (name: string) => Buffer | undefined;

export interface Unpacked {
  readonly folder: string;
  /** Why it lies elsewhere than in the user's cache; it is then removed at the end. */
  readonly warning?: Diagnostic;
}

const dayMs = 24 * 3600 * 1000;
/** What no start has used for so long goes: every version of an executable has a folder of its own. */
const unusedMs = 180 * dayMs;
const draftMs = dayMs;
const draftPrefix = '.new-';
const triesMax = 5;

/**
 * Lays the files that an executable carries where programs can read them: in the user's cache, under their hash, and checks
 * them each time. Where that cannot be, in a temporary folder, which goes with this process. `undefined`: it carries none.
 */
export function unpack(carried: Carried): Result<Unpacked | undefined> {
  const text = carried('carried/list.json')?.toString();
  if (text === undefined) return ok(undefined);
  const list = JSON.parse(text) as AssetList;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
  const cache = openPrivateFolder(cacheHome(), ['job-splitter', 'unpacked']);
  const found = typeof cache === 'string' ? cache : unpackInto(cache.path, name, carried, list);
  return typeof found === 'string' ? unpackForNow(carried, list, found) : ok(found);
}

/** Several processes may be at it at once: each writes a folder of its own, the first one's is everybody's. */
function unpackInto(cache: string, name: string, carried: Carried, list: AssetList): Unpacked | string {
  const folder = join(cache, name);
  const draft = join(cache, draftPrefix + randomBytes(8).toString('hex'));
  try {
    for (let tries = 0; tries < triesMax; tries++) {
      if (holdsUnpacked(folder, list)) {
        touch(folder);
        return { folder };
      }
      // What another process puts there meanwhile is looked at first.
      if (tries > 0) moveAside(folder, draft);
      if (!existsSync(draft)) writeFiles(draft, carried, list);
      settle(draft, folder);
    }
    return `${folder} is changed again and again`;
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    return error.message;
  } finally {
    removeQuietly(draft);
    removeUnused(cache);
  }
}

/** Whatever is there instead (a link, somebody's folder, changed files) is not followed, only renamed, and removed. */
function moveAside(folder: string, draft: string): void {
  const aside = `${draft}.old`;
  try {
    renameSync(folder, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  removeQuietly(aside);
}

/** Where something is there already, the next look decides. */
function settle(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!isThere(folder)) throw error;
  }
}

/** Also a link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function writeFiles(folder: string, carried: Carried, { files }: AssetList): void {
  mkdirSync(folder, { mode: 0o700 });
  for (const [number, { path }] of files.entries()) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    // Packages may start programs that they bring.
    writeFileSync(place, carriedFile(carried, number), { flag: 'wx', mode: 0o700 });
  }
}

function carriedFile(carried: Carried, number: number): Buffer {
  const data = carried(`carried/${number}`);
  if (data === undefined) throw new Error(`Internal error: the executable lists a file ${number} and does not hold it`);
  return data;
}

function unpackForNow(carried: Carried, list: AssetList, why: string): Result<Unpacked> {
  try {
    const above = mkdtempSync(join(tmpdir(), 'job-splitter-'));
    process.on('exit', () => removeQuietly(above));
    const folder = join(above, 'unpacked');
    writeFiles(folder, carried, list);
    const hint = `it is unpacked to ${folder} for this time and removed at the end`;
    return ok({ folder, warning: { severity: 'warning', message: `the cache cannot be used: ${why}`, hint } });
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    const message = `the files that this program carries cannot be unpacked: ${why}; ${error.message}`;
    const variables = process.platform === 'win32' ? 'LOCALAPPDATA or TEMP' : 'XDG_CACHE_HOME or TMPDIR';
    const hint = `make room, or set ${variables} to a folder that can be written to`;
    return failed({ severity: 'error', message, hint });
  }
}

function touch(folder: string): void {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // It is only removed earlier then.
  }
}

function removeUnused(cache: string): void {
  try {
    for (const name of readdirSync(cache)) {
      const ageMs = Date.now() - lstatSync(join(cache, name)).mtimeMs;
      if (ageMs > (name.startsWith(draftPrefix) ? draftMs : unusedMs)) removeQuietly(join(cache, name));
    }
  } catch {
    // The next start does it.
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Windows keeps native code as long as it is loaded.
  }
}
