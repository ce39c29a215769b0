import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BuildInfo } from '../../build-info.ts';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import { programSuffix } from '../../core/remote/deploy-plan.ts';

/**
 * The executable for a target, as `make exe` names it: in the folder that was given; else this very program where it fits, or
 * what lies beside it.
 */
export function findExecutable(target: string, build: BuildInfo, dist: string | undefined): Result<string> {
  const isPackaged = !/^node(\.exe)?$/.test(basename(process.execPath));
  if (dist === undefined && isPackaged && target === build.target) return ok(process.execPath);
  const folder = dist ?? (isPackaged ? dirname(process.execPath) : undefined);
  const name = `${build.name}-${target}${programSuffix(target)}`;
  if (folder !== undefined && existsSync(join(folder, name))) return ok(join(folder, name));
  return failed(missing(name, target, folder));
}

function missing(name: string, target: string, folder: string | undefined): Diagnostic {
  const where = folder === undefined ? 'this is not a packed program' : `there is no ${name} in ${folder}`;
  return {
    severity: 'error',
    message: `no executable for ${target}: ${where}`,
    hint: `build it, make exe ENTRY=… TARGETS="${target}", and name its folder with --dist FOLDER`,
  };
}
