import { chmodSync, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../files.ts';

/** Bits that let others than the owner change a file. */
export const othersMayWrite = 0o022;
const sticky = 0o1000;

/**
 * Where a user's caches lie: the XDG base directory specification, macOS's Library, Windows' local application data, which
 * only the user can write to.
 */
export function cacheHome(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  // A relative path is to be ignored, says the specification.
  return XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache');
}

/**
 * Makes a folder in `home` that only this user can change, and those above it; says why that cannot be. What others have
 * put there before (a link, a folder of theirs) is not used: who owns a folder can put other files in it at any time.
 */
export function openPrivateFolder(home: string, names: readonly string[]): { readonly path: string } | string {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const problem = whyOthersRule(home, statSync(home));
    if (problem !== undefined) return problem;
    let path = home;
    for (const name of names) {
      path = join(path, name);
      makeFolder(path);
      const found = lstatSync(path);
      if (!found.isDirectory()) return `${path} is a link or a file`;
      if (!isOurs(found)) return `${path} belongs to another user`;
      // From now on nobody else can put anything there; what is there is looked at file by file.
      if ((found.mode & othersMayWrite) !== 0 && isPosix) chmodSync(path, 0o700);
    }
    return { path };
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    return error.message;
  }
}

const isPosix = process.platform !== 'win32';

export function isOurs({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

/** Where others may rename what is in it, they could put something else in its place between two looks. */
function whyOthersRule(path: string, { mode, uid }: Stats): string | undefined {
  if (!isPosix) return undefined;
  if (uid !== 0 && uid !== process.getuid?.()) return `${path} belongs to another user`;
  return (mode & othersMayWrite) !== 0 && (mode & sticky) === 0 ? `others may write to ${path}` : undefined;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}
