import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Measured, measure } from './harness/process.ts';
import { inFolder } from './harness/program.ts';
import { python, pythonPackage } from './harness/python.ts';

/** What a peer is to do: trivial jobs, or with `blocks` native work. */
export interface Work {
  readonly jobs: number;
  readonly blocks?: number;
}

export interface PeerRun extends Measured {
  /** From the first job handed to a warm pool until all results are in memory. */
  readonly spanMs: number;
}

export interface Peer {
  readonly name: string;
  readonly language: 'node' | 'python' | 'shell';
  /** `undefined`: not on this machine. */
  readonly version: string | undefined;
  /** So many trivial jobs take it some seconds. */
  readonly jobsMax: number;
  readonly run: (work: Work) => PeerRun;
}

const folder = join(import.meta.dirname, 'peers');
const modules = join(import.meta.dirname, 'node_modules');
const debianPackages = ['nats-server', 'parallel', 'python3-joblib', 'python3-distributed'];

/** Brings what is missing; what cannot be had stays absent, and the tables say so. */
export function installPeers(tell: (line: string) => void): void {
  const stamp = join(modules, '.lock-hash');
  const lock = createHash('sha256')
    .update(readFileSync(join(import.meta.dirname, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    tell('installing the peers of npm');
    const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status } = spawnSync('npm', words, { cwd: import.meta.dirname, stdio: ['ignore', 2, 2] });
    if (status === 0) writeFileSync(stamp, lock);
  }
  const isComplete = parallelVersion() && pythonPackage('joblib') && pythonPackage('distributed');
  if (isComplete || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  tell(`installing ${debianPackages.join(', ')}`);
  const options = { stdio: ['ignore', 2, 2] as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-qq'], { ...options, stdio: ['ignore', 2, 2] });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...debianPackages], {
    ...options,
    stdio: ['ignore', 2, 2],
  });
}

/** All peers, the absent ones, too. A smoke round runs each script once: other chunks prove nothing more. */
export function findPeers(smoke: boolean): readonly Peer[] {
  const own = spawnSync(python(), ['--version'], { encoding: 'utf8' }).stdout.trim() || undefined;
  const pool = (chunk: number, jobsMax: number): Peer =>
    pythonPeer(`multiprocessing, chunk ${chunk}`, 'multiprocessing_pool.py', own, jobsMax, chunk);
  return [
    pool(1, 100_000),
    pool(64, 1_000_000),
    ...(smoke ? [] : [pool(1_024, 1_000_000), pool(16_384, 1_000_000)]),
    pythonPeer('concurrent.futures, chunk 1', 'futures.py', own, 20_000, 1),
    pythonPeer('concurrent.futures, chunk 64', 'futures.py', own, 100_000, 64),
    pythonPeer('joblib, auto', 'joblib_auto.py', pythonPackage('joblib'), 100_000),
    pythonPeer('Dask', 'dask_local.py', pythonPackage('distributed'), 1_000),
    nodePeer('piscina', 100_000),
    nodePeer('jest-worker', 100_000, 'jest-worker, processes'),
    nodePeer('workerpool', 50_000),
    nodePeer('poolifier', 50_000, 'poolifier, fixed'),
    nodePeer('tinypool', 50_000),
    createPeer('GNU parallel --joblog', 'shell', parallelVersion(), 1_000, ['sh', join(folder, 'parallel.sh')]),
  ];
}

/** Two bare loops in the language of a peer. */
export function bareLoops(language: 'node' | 'python'): Peer {
  return language === 'node'
    ? createPeer('two bare loops, Node.js', 'node', process.version, 0, [process.execPath, join(folder, 'bare.mjs')])
    : createPeer('two bare loops, Python', 'python', '', 0, [python(), join(folder, 'bare.py')]);
}

/**
 * What no program of this kind can do without, and nothing else: two processes, batches, rows in results.csv and in a synced journal
 * (`peers/least.cjs`). What it misses by far, nothing reaches that starts two processes of Node.js on this machine.
 */
export function leastProgram(kind: 'tuples' | 'product'): Peer {
  const words = [process.execPath, join(folder, 'least.cjs')] as const;
  return createPeer(`the least program, ${kind}`, 'node', process.version, 1_000_000, words, { KIND: kind });
}

function nodePeer(name: string, jobsMax: number, title = name): Peer {
  const manifest = join(modules, name, 'package.json');
  const version = existsSync(manifest) ? String(JSON.parse(readFileSync(manifest, 'utf8')).version) : undefined;
  return createPeer(title, 'node', version, jobsMax, [process.execPath, join(folder, `${name}.mjs`)]);
}

function pythonPeer(name: string, file: string, version: string | undefined, jobsMax: number, chunk = 1): Peer {
  return createPeer(name, 'python', version, jobsMax, [python(), join(folder, file)], { CHUNK: String(chunk) });
}

function parallelVersion(): string | undefined {
  const { stdout } = spawnSync('parallel', ['--version'], { encoding: 'utf8' });
  return /^GNU parallel (\d+)/.exec(stdout ?? '')?.[1];
}

function createPeer(
  name: string,
  language: Peer['language'],
  version: string | undefined,
  jobsMax: number,
  words: readonly [string, string],
  more: Readonly<Record<string, string>> = {},
): Peer {
  const run = ({ jobs, blocks = 0 }: Work): PeerRun => {
    const environment = { ...more, JOBS: String(jobs), BLOCKS: String(blocks) };
    const measured = inFolder((cwd) => measure({ words, folder: cwd, environment }));
    const answer = JSON.parse(measured.stdout.trim().split('\n').at(-1) ?? '');
    if (answer.jobs !== jobs) throw new Error(`${name} returned ${answer.jobs} of ${jobs} results`);
    return { ...measured, spanMs: answer.spanMs };
  };
  return { name, language, version, jobsMax, run };
}
