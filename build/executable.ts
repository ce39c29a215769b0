import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { gatherAssets, warnOfLarge } from './assets.ts';
import { bundleEntry } from './bundle.ts';
import { assertEntry } from './entry.ts';
import { distFolder } from './folders.ts';
import { findMade } from './made-before.ts';
import { findNodeBinary, type NodeBinary, ownNodeBinary } from './node-binary.ts';
import { outputPath, type PackRequest, packExecutable } from './pack.ts';
import { RecipeError } from './recipe-error.ts';
import { checkTypes } from './type-check.ts';
import { allTargets, defaultNodeVersion, hostTarget } from './versions.ts';

export interface Executable {
  readonly path: string;
  readonly target: string;
  readonly code: string;
  /** It lay there already. */
  readonly isUnchanged: boolean;
}

export interface BuildRequest {
  readonly entry: string;
  readonly targets: readonly string[];
  readonly nodeVersion?: string | undefined;
  /** One's own Node.js, for the one target. */
  readonly nodeBinary?: string | undefined;
  /** Files and folders, as `ASSETS=` names them. */
  readonly assets?: string | undefined;
  /** Packages that stay out of the bundle. */
  readonly external?: readonly string[];
  /** Where the executables go. */
  readonly folder?: string;
}

/** Told what is being done. */
export interface BuildProgress {
  step(text: string): void;
  warn(text: string): void;
}

const silent: BuildProgress = { step: () => undefined, warn: () => undefined };
/** What one child needs that packs. */
const packBytes = 1.5e9;

/** Checks, bundles and packs an entry for each target. */
export async function buildExecutables(
  request: BuildRequest,
  progress: BuildProgress = silent,
): Promise<readonly Executable[]> {
  const { entry, targets, folder = distFolder, external = [] } = request;
  const unknown = targets.find((target) => !allTargets.includes(target));
  if (unknown !== undefined) throw new RecipeError(`TARGETS: ${unknown} is unknown; known: ${allTargets.join(', ')}`);
  assertEntry(entry);
  progress.step('checking types');
  checkTypes(entry);
  progress.step('bundling');
  const assets = gatherAssets(request.assets);
  const warning = warnOfLarge(assets);
  if (warning !== undefined) progress.warn(warning);
  const bundle = await bundleEntry(entry, { assets, external });
  const pending = targets.map((target) => (): PackRequest => {
    progress.step(`Node.js for ${target}`);
    const output = join(folder, `${bundle.name}-${target}`);
    return { bundle, target, node: nodeFor(request, target), output };
  });
  const done: Executable[] = [];
  const pack = async (): Promise<void> => {
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      const wanted = next();
      const made = findMade(wanted);
      if (!made.isThere) {
        progress.step(`packing for ${wanted.target} (${done.length} of ${targets.length} done)`);
        await packExecutable(wanted);
        made.record();
      }
      done.push({ path: outputPath(wanted), target: wanted.target, code: bundle.code, isUnchanged: made.isThere });
    }
  };
  await Promise.all(Array.from({ length: packersAtOnce() }, pack));
  return targets.flatMap((target) => done.filter((it) => it.target === target));
}

function packersAtOnce(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / packBytes)));
}

function nodeFor({ targets, nodeBinary, nodeVersion }: BuildRequest, target: string): NodeBinary {
  if (nodeBinary === undefined) {
    const version = nodeVersion ?? defaultNodeVersion;
    return { path: findNodeBinary(version, target), version };
  }
  if (targets.length > 1) throw new RecipeError('NODE_BINARY is for one target: name it in TARGETS');
  return ownNodeBinary(nodeBinary, target);
}

export function targetsOf(text: string | undefined): readonly string[] {
  if (text === undefined || text.trim() === '') return [hostTarget()];
  return text.trim() === 'all' ? allTargets : [...new Set(text.trim().split(/[\s,]+/))];
}
