import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseEngineAddress } from '../config/engine-address.ts';
import { escapeText } from '../core/escape-text.ts';
import { findFolder } from '../run/three-files.ts';
import { connectTo } from '../runtime/engine/connection.ts';
import { findNatsServer, type StartedServer, startNatsServer, type TlsFiles } from '../runtime/engine/nats-server.ts';
import { lockPath } from '../runtime/run-folder.ts';
import { takeLock } from '../runtime/run-lock.ts';
import { exitCodes } from './exit-codes.ts';
import { formatBytes } from './format.ts';
import { say } from './say.ts';

export interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly store?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

const startTries = 50;
const tryMs = 100;

/** Starts a NATS server, prints how the machines reach it, and stays until it ends; returns the exit code. */
export async function serveCommand(flags: ServeFlags): Promise<number> {
  const { store, tlsCert, tlsKey } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    say('--tls-cert and --tls-key go together.');
    return exitCodes.usage;
  }
  const missing = [tlsCert, tlsKey].find((file) => file !== undefined && !existsSync(file));
  if (missing !== undefined) {
    say(`There is no file ${escapeText(missing)}: --tls-cert and --tls-key name the server's certificate and its key.`);
    return exitCodes.usage;
  }
  const path = findNatsServer(dirname(process.execPath));
  if (path === undefined) {
    say('There is no nats-server on the PATH or beside the executable. It is one file: https://nats.io/download');
    say('(Debian: apt-get install nats-server). It needs no rights and no installation: put it beside the executable.');
    return exitCodes.usage;
  }
  const place = findFolder(process.cwd(), process.execPath);
  const folder = resolve(store ?? join(place, 'job-splitter.server'));
  const tls = tlsCert && tlsKey ? { certFile: resolve(tlsCert), keyFile: resolve(tlsKey) } : undefined;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Two servers on one store destroy it.
  const lock = takeLock(lockPath(folder));
  if (!lock.ok) {
    const { host, pid } = lock.holder;
    say(`${folder} is being served already, on ${host} by process ${pid}: --store takes another folder.`);
    return exitCodes.alreadyRunning;
  }
  try {
    // Whoever names a store of its own has a second server: the address of the first stays where it is.
    return await serve(path, { ...flags, tls }, folder, join(store === undefined ? place : folder, 'engine.url'));
  } finally {
    lock.release();
  }
}

type Where = Pick<ServeFlags, 'host' | 'port'> & { readonly tls: TlsFiles | undefined };

async function serve(path: string, where: Where, folder: string, addressFile: string): Promise<number> {
  const server = startNatsServer(path, { ...where, folder });
  const { child, logPath } = server;
  let isStopped = false;
  const ended = new Promise<string>((end) => {
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const stop = (): void => {
    isStopped = true;
    child.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  const isUp = await Promise.race([waitUntilUp(server, where), ended.then(() => false)]);
  if (isUp) tell(server, where, folder, addressFile);
  else if (!isStopped) {
    child.kill('SIGTERM');
    say(`nats-server does not answer on port ${where.port}; ${logPath} says why: ${escapeText(lastLineOf(logPath))}`);
    say('Is the port taken? --port takes another.');
    return exitCodes.usage;
  }
  const how = await ended;
  if (isStopped) return exitCodes.done;
  say(
    `nats-server has ended by itself (${how}); ${logPath} may say why. What it stored is in ${folder}: serve it again.`,
  );
  return exitCodes.internal;
}

async function waitUntilUp({ user, password }: StartedServer, { host, port, tls }: Where): Promise<boolean> {
  const here = host === '0.0.0.0' ? '127.0.0.1' : host;
  const address = parseEngineAddress(`nats://${user}:${password}@${here}:${port}`);
  if (!address.ok) return false;
  for (let tries = 0; tries < startTries; tries++) {
    await wait(tryMs);
    const connection = await connectTo(address.value);
    if (connection.ok) {
      await connection.value.close();
      return true;
    }
    // A certificate that this machine does not trust is a sign of life, too.
    if (tls !== undefined && connection.diagnostics.some(({ message }) => /certificate/.test(message))) return true;
  }
  return false;
}

/** What a nats-server says last before it ends. */
function lastLineOf(path: string): string {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  return lines.findLast((line) => /\[(FTL|ERR)\]/.test(line)) ?? lines.at(-1) ?? 'it is empty';
}

/** Whether what stands in the file leads to this server, perhaps under a name by which others reach it. */
function leadsHere(file: string, { user, password }: StartedServer, port: number): boolean {
  const text = existsSync(file) ? (readFileSync(file, 'utf8').split('\n')[0] ?? '') : '';
  const known = parseEngineAddress(text);
  if (!known.ok) return false;
  return known.value.user === user && known.value.password === password && known.value.server.endsWith(`:${port}`);
}

function tell(server: StartedServer, { host, port, tls }: Where, folder: string, file: string): void {
  const name = host === '0.0.0.0' ? hostname() : host;
  const address = `${tls === undefined ? 'nats' : 'tls'}://${server.user}:${server.password}@${name}:${port}`;
  // One that was mended by hand stays.
  if (!leadsHere(file, server, port)) writeFileSync(file, `${address}\n`, { mode: 0o600 });
  say(
    `Serving     ${server.version} on ${host}:${port}, store ${folder}, at most ${formatBytes(server.storeBytesMax)}`,
  );
  if (!server.syncsAlways) {
    say(
      '            Before version 2.10 the last seconds are lost when the power fails; machines that are at work hand them in again.',
    );
  }
  say(`Machines    copy ${file} beside the executable, then on each:`);
  say('              --machine NAME --yes --engine @engine.url');
  say('Results     merge @engine.url; how far: status @engine.url. Ctrl-C ends the server, what it holds stays.');
}
