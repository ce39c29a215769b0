import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { modulesFolder, repositoryFolder } from './folders.ts';
import { RecipeError } from './recipe-error.ts';
import { defaultNodeVersion, hostTarget, nodePackages } from './versions.ts';

const locksFolder = join(repositoryFolder, 'build', 'node');

/** The official Node.js binary for a target; fetched from npm by a committed lock where it is not installed. */
export function findNodeBinary(version: string, target: string): string {
  const versions = existsSync(locksFolder) ? readdirSync(locksFolder) : [];
  if (!versions.includes(version)) {
    throw new RecipeError(`NODE=${version} has no lock in build/node; known: ${versions.join(', ')}`);
  }
  const name = nodePackages[target];
  if (name === undefined)
    throw new RecipeError(`TARGETS: ${target} is unknown; known: ${Object.keys(nodePackages).join(', ')}`);
  const binary = join(name, 'bin', target.startsWith('win') ? 'node.exe' : 'node');
  const installed = join(modulesFolder, binary);
  if (version === defaultNodeVersion && target === hostTarget() && existsSync(installed)) return installed;
  return fetchBinary(version, target, name, binary);
}

function fetchBinary(version: string, target: string, name: string, binary: string): string {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'job-splitter', 'node', version, target);
  const path = join(folder, 'node_modules', binary);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const locks = join(locksFolder, version);
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(locks, file), join(folder, file));
  const [platform = '', cpu = ''] = target.split('-');
  const os = platform === 'win' ? 'win32' : platform === 'macos' ? 'darwin' : platform;
  const flags = [
    'ci',
    '--force',
    '--ignore-scripts',
    '--no-bin-links',
    '--no-audit',
    '--no-fund',
    `--os=${os}`,
    `--cpu=${cpu}`,
  ];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status, stderr } = spawnSync(npm, flags, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (existsSync(path)) return path;
  const why =
    status === 0
      ? `Node ${version} does not exist for ${target} (there is no ${name})`
      : `npm could not fetch it:\n${stderr}`;
  throw new RecipeError(`NODE=${version} TARGETS=${target}: ${why}`);
}
