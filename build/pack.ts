import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findSignatureProblem, signAdHoc } from './ad-hoc-signature.ts';
import type { Bundle } from './bundle.ts';
import { warmUp } from './code-cache.ts';
import { findNodeBinary, type NodeBinary } from './node-binary.ts';
import { RecipeError } from './recipe-error.ts';
import { bootFor, writeScripts } from './scripts.ts';
import { hostTarget } from './versions.ts';

export interface PackRequest {
  readonly bundle: Bundle;
  readonly target: string;
  readonly node: NodeBinary;
  /** Without `.exe`. */
  readonly output: string;
}

export function outputPath({ output, target }: Pick<PackRequest, 'output' | 'target'>): string {
  return target.startsWith('win') ? `${output}.exe` : output;
}

/** What travels in the executable; `pack-child.mjs` looks there. */
const insideFolder = 'inside';

/** Wraps a bundle with a Node.js binary into one executable file; returns its path. */
export async function packExecutable(request: PackRequest): Promise<string> {
  const { target, node } = request;
  const path = outputPath(request);
  const above = mkdtempSync(join(tmpdir(), 'job-splitter-pack-'));
  // Its name stands in the executable.
  const folder = join(above, 'job-splitter');
  try {
    mkdirSync(folder);
    writeProject(folder, request);
    const home = join(folder, 'home');
    prepareCache(home, node.version, target, node.path);
    // The host's own binary makes the blob, whatever the target is.
    if (target !== hostTarget()) prepareCache(home, node.version, hostTarget(), blobMaker(node.version));
    await runPkg(folder, home, `node${node.version}-${target}`);
    const made = join(folder, target.startsWith('win') ? 'app.exe' : 'app');
    if (!existsSync(made)) throw new RecipeError(`pkg made no executable for ${target}`);
    if (target.startsWith('macos')) sign(made, basename(path));
    put(made, path);
    return path;
  } finally {
    rmSync(above, { recursive: true, force: true });
  }
}

function writeProject(folder: string, { bundle, target, node }: PackRequest): void {
  const inside = join(folder, insideFolder);
  mkdirSync(inside);
  writeScripts(inside, bundle, target);
  if (target === hostTarget()) warmUp(inside, node.path);
  writeFileSync(join(folder, 'boot.cjs'), bootFor(target));
}

/** One's own Node.js may be of a version that there is no other binary of. */
function blobMaker(version: string): string {
  try {
    return findNodeBinary(version, hostTarget());
  } catch (error) {
    if (error instanceof RecipeError) return process.execPath;
    throw error;
  }
}

/** pkg would download Node; it finds everything where its own download would have put it. */
function prepareCache(home: string, version: string, target: string, binary: string): void {
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

/** A process of its own: it takes about a gigabyte of memory, and its HOME. */
async function runPkg(folder: string, home: string, target: string): Promise<void> {
  const child = join(dirname(fileURLToPath(import.meta.url)), 'pack-child.mjs');
  const environment = { ...process.env, HOME: home, USERPROFILE: home, NODE_OPTIONS: '', TMPDIR: dirname(folder) };
  const running = spawn(process.execPath, [child, target], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let heard = '';
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (text) => (heard += text));
  const code = await new Promise((resolve, reject) => running.on('error', reject).on('close', resolve));
  if (code !== 0) throw new RecipeError(`pkg failed for ${target}:\n${heard}`);
}

/** Apple silicon runs no file whose signature does not fit. */
function sign(path: string, identifier: string): void {
  if (process.platform === 'darwin') {
    const { status, stderr } = spawnSync('codesign', ['--force', '--sign', '-', '--identifier', identifier, path], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new RecipeError(`codesign failed:\n${stderr}`);
    return;
  }
  const signed = signAdHoc(readFileSync(path), identifier);
  const problem = findSignatureProblem(signed);
  if (problem !== undefined) throw new Error(`Internal error: ${path} was not signed well: ${problem}`);
  writeFileSync(path, signed);
}

/** A running executable cannot be overwritten, but it can be replaced. */
function put(made: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(made, `${path}.new`);
  chmodSync(`${path}.new`, 0o755);
  rmSync(path, { force: true });
  renameSync(`${path}.new`, path);
}
