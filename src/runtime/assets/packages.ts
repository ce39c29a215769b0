import { createRequire } from 'node:module';
import { join } from 'node:path';
import { codeOf } from '../files.ts';
import { packagesFolder } from './asset-list.ts';
import { unpackedFolder } from './unpacked-folder.ts';

/** What stands in the bundle where a package is imported that was not bundled: a file of it, below `node_modules`. */
export function requirePackage(path: string): unknown {
  const folder = unpackedFolder();
  if (folder === undefined) throw new Error(`Internal error: ${path} is wanted before it was unpacked`);
  const place = join(folder, packagesFolder, 'node_modules', path);
  try {
    return createRequire(place)(place);
  } catch (error) {
    if (codeOf(error) === 'ERR_DLOPEN_FAILED' && error instanceof Error && /failed to map/.test(error.message))
      error.message += `\n${folder} may be on a file system that runs no code (noexec): set XDG_CACHE_HOME to another folder`;
    throw error;
  }
}
