import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { targetsOfHead } from './binary-format.ts';
import { buildCache } from './build-cache.ts';
import { modulesFolder, repositoryFolder } from './folders.ts';
import { hashFile } from './hash-file.ts';
import { npmNamesOf } from './packages.ts';
import { RecipeError } from './recipe-error.ts';
import { defaultNodeVersion, hostTarget, nodePackages } from './versions.ts';

const locksFolder = join(repositoryFolder, 'build', 'node');

/** A Node.js to pack, and its version. */
export interface NodeBinary {
  readonly path: string;
  readonly version: string;
}

/**
 * The official Node.js binary for a target; fetched from npm by a committed lock where it is not installed, and held
 * against its committed SHA-256 each time.
 */
export function findNodeBinary(version: string, target: string): string {
  const name = packageOf(version, target);
  const binary = join(name, 'bin', target.startsWith('win') ? 'node.exe' : 'node');
  const expected = expectedHash(version, target);
  const installed = join(modulesFolder, binary);
  const isInstalled = version === defaultNodeVersion && target === hostTarget() && existsSync(installed);
  if (isInstalled && hashFile(installed) === expected) return installed;
  const folder = join(buildCache(), 'node', version, target);
  const path = join(folder, 'node_modules', binary);
  if (existsSync(path) && hashFile(path) === expected) return path;
  rmSync(folder, { recursive: true, force: true });
  fetchBinary(folder, version, target, path);
  if (hashFile(path) === expected) return path;
  throw new RecipeError(
    `NODE=${version} TARGETS=${target}: ${path} is not the file that build/node/${version}/SHA256SUMS names`,
  );
}

function packageOf(version: string, target: string): string {
  const versions = existsSync(locksFolder) ? readdirSync(locksFolder) : [];
  if (!versions.includes(version))
    throw new RecipeError(`NODE=${version} has no lock in build/node; known: ${versions.join(', ')}`);
  const name = nodePackages[target];
  if (name === undefined)
    throw new RecipeError(`TARGETS: ${target} is unknown; known: ${Object.keys(nodePackages).join(', ')}`);
  return name;
}

function expectedHash(version: string, target: string): string {
  for (const line of readFileSync(join(locksFolder, version, 'SHA256SUMS'), 'utf8').split('\n')) {
    const [hash, of] = line.split(/ +/);
    if (of === target && hash !== undefined) return hash;
  }
  throw new RecipeError(`NODE=${version} TARGETS=${target}: Node ${version} does not exist for ${target}`);
}

function fetchBinary(folder: string, version: string, target: string, path: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(join(locksFolder, version, file), join(folder, file));
  const { system, processor } = npmNamesOf(target);
  const flags = ['ci', '--force', '--ignore-scripts', '--no-bin-links', '--no-audit', '--no-fund'];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status, stderr, error } = spawnSync(npm, [...flags, `--os=${system}`, `--cpu=${processor}`], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (existsSync(path)) return;
  const why = status === 0 ? `npm did not bring ${path}` : `npm could not fetch it:\n${error?.message ?? stderr}`;
  throw new RecipeError(`NODE=${version} TARGETS=${target}: ${why}`);
}

/** What must be in a binary for code to be put into it. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
/** Every Node.js names the place of its headers. */
const headers = /\/v(\d+\.\d+\.\d+)\/node-v\d+\.\d+\.\d+-headers\.tar\.gz/;

/** One's own Node.js, for a system that the official one does not run on; it need not run here. */
export function ownNodeBinary(given: string, target: string): NodeBinary {
  const path = resolve(given);
  const refuse = (why: string): RecipeError => new RecipeError(`NODE_BINARY=${given}: ${why}`);
  if (!existsSync(path)) throw refuse('there is no such file');
  const data = readFileSync(path);
  const targets = targetsOfHead(data.subarray(0, 4096));
  if (targets === undefined) throw refuse('no executable file');
  if (!targets.includes(target)) throw refuse(`it is for ${targets.join(', ') || 'another system'}, not for ${target}`);
  const text = data.toString('latin1');
  if (!text.includes(fuse))
    throw refuse('no Node.js that code can be put into (built without single-executable support)');
  const version = headers.exec(text)?.[1];
  const [wanted] = defaultNodeVersion.split('.');
  if (version === undefined || !version.startsWith(`${wanted}.`))
    throw refuse(
      `it is Node.js ${version ?? 'of an unknown version'}; a ${wanted} is needed, as ${defaultNodeVersion}`,
    );
  return { path, version };
}
