import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bundle } from './bundle.ts';
import { warmUp } from './code-cache.ts';
import { findNodeBinary } from './node-binary.ts';
import { RecipeError } from './recipe-error.ts';
import { bootFor, writeScripts } from './scripts.ts';
import { hostTarget } from './versions.ts';

export interface PackRequest {
  readonly bundle: Bundle;
  readonly target: string;
  readonly nodeVersion: string;
  /** Without `.exe`. */
  readonly output: string;
}

/** Wraps a bundle with a Node.js binary into one executable file; returns its path. */
export function packExecutable({ bundle, target, nodeVersion, output }: PackRequest): string {
  const path = target.startsWith('win') ? `${output}.exe` : output;
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-pack-'));
  try {
    writeProject(folder, bundle, target, nodeVersion);
    const home = join(folder, 'home');
    // The host's own binary makes the blob, whatever the target is.
    for (const each of new Set([target, hostTarget()])) prepareCache(home, nodeVersion, each);
    runPkg(folder, home, `node${nodeVersion}-${target}`, target === hostTarget());
    mkdirSync(dirname(path), { recursive: true });
    const made = join(folder, target.startsWith('win') ? 'app.exe' : 'app');
    if (!existsSync(made)) throw new RecipeError(`pkg made no executable for ${target}`);
    // A running executable cannot be overwritten, but it can be replaced.
    copyFileSync(made, `${path}.new`);
    chmodSync(`${path}.new`, 0o755);
    rmSync(path, { force: true });
    renameSync(`${path}.new`, path);
    return path;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeProject(folder: string, bundle: Bundle, target: string, nodeVersion: string): void {
  writeScripts(folder, bundle);
  if (target === hostTarget()) warmUp(folder, findNodeBinary(nodeVersion, target));
  writeFileSync(join(folder, 'boot.cjs'), bootFor(target));
  const manifest = { name: 'app', version: '1.0.0', bin: 'boot.cjs', pkg: { assets: ['program.js*', 'worker.js*'] } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
}

/** pkg would download Node; it finds everything where its own download would have put it. */
function prepareCache(home: string, version: string, target: string): void {
  const binary = findNodeBinary(version, target);
  const isWindows = target.startsWith('win');
  const node = `node-v${version}-${target.replace('macos', 'darwin')}`;
  const cache = join(home, '.pkg-cache', 'sea');
  const archive = join(cache, `${node}.${isWindows ? 'zip' : 'tar.gz'}`);
  const place = isWindows ? join(cache, `${node}.exe`) : join(cache, node, 'bin', 'node');
  mkdirSync(dirname(place), { recursive: true });
  for (const path of [archive, `${archive}.ok`, `${place}.ok`]) writeFileSync(path, '');
  if (existsSync(place)) return;
  try {
    linkSync(binary, place);
  } catch {
    copyFileSync(binary, place);
  }
}

function runPkg(folder: string, home: string, target: string, isHost: boolean): void {
  const child = join(dirname(fileURLToPath(import.meta.url)), 'pack-child.mjs');
  const environment = { ...process.env, HOME: home, USERPROFILE: home, NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, target, isHost ? 'host' : 'other'], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new RecipeError(`pkg failed for ${target}:\n${stdout}${stderr}`);
}
