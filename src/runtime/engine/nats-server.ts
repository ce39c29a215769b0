import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { canSyncAlways, spellServerConfig } from '../../core/engine/server-config.ts';

/** PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface ServeWish {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  readonly tls: TlsFiles | undefined;
}

export interface StartedServer {
  readonly child: ChildProcess;
  readonly version: string;
  readonly user: string;
  readonly password: string;
  readonly syncsAlways: boolean;
  readonly storeBytesMax: number;
  readonly logPath: string;
}

const program = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
const user = 'job-splitter';
/** Of what is free on the disk: a store that fills it wedges a server of version 2.9 without a word. */
const storeShare = 0.8;

/** Beside the executable, else on the PATH. Debian puts it where only root's PATH leads. */
export function findNatsServer(beside: string): string | undefined {
  const folders = [beside, ...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(existsSync);
}

/** Starts a server in a folder that is there; it goes on until it is killed. A password stays the same over all starts. */
export function startNatsServer(path: string, { host, port, folder, tls }: ServeWish): StartedServer {
  const password = keptPassword(join(folder, 'password'));
  const version = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 }).stdout?.trim() ?? '';
  const syncsAlways = canSyncAlways(version);
  const storeFolder = join(folder, 'store');
  const { bavail, bsize } = statfsSync(folder);
  const storeBytesMax = Math.floor(bavail * bsize * storeShare);
  const config = join(folder, 'nats.conf');
  const logPath = join(folder, 'nats.log');
  const text = spellServerConfig({ host, port, user, password, storeFolder, storeBytesMax, tls, syncsAlways });
  writeFileSync(config, text, { mode: 0o600 });
  const child = spawn(path, ['-c', config, '-l', logPath], { stdio: 'ignore', cwd: dirname(config) });
  return { child, version, user, password, syncsAlways, storeBytesMax, logPath };
}

function keptPassword(path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const password = randomBytes(18).toString('base64url');
  writeFileSync(path, `${password}\n`, { mode: 0o600 });
  return password;
}
