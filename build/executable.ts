import { join } from 'node:path';
import { bundleEntry } from './bundle.ts';
import { distFolder } from './folders.ts';
import { packExecutable } from './pack.ts';
import { RecipeError } from './recipe-error.ts';
import { checkTypes } from './type-check.ts';
import { allTargets, defaultNodeVersion, hostTarget } from './versions.ts';

export interface Executable {
  readonly path: string;
  readonly target: string;
  readonly code: string;
}

/** Checks, bundles and packs an entry for each target. */
export async function buildExecutables(
  entry: string,
  targets: readonly string[],
  nodeVersion: string = defaultNodeVersion,
  folder: string = distFolder,
): Promise<readonly Executable[]> {
  const unknown = targets.find((target) => !allTargets.includes(target));
  if (unknown !== undefined) throw new RecipeError(`TARGETS: ${unknown} is unknown; known: ${allTargets.join(', ')}`);
  const bundle = await bundleEntry(entry);
  checkTypes(entry);
  return targets.map((target) => {
    const path = packExecutable({ bundle, target, nodeVersion, output: join(folder, `${bundle.name}-${target}`) });
    return { path, target, code: bundle.code };
  });
}

export function targetsOf(text: string | undefined): readonly string[] {
  if (text === undefined || text.trim() === '') return [hostTarget()];
  return text.trim() === 'all' ? allTargets : text.trim().split(/[\s,]+/);
}
