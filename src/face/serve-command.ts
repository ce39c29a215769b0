import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseEngineAddress } from '../config/engine-address.ts';
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
    return await serve(path, { ...flags, tls }, folder, place);
  } finally {
    lock.release();
  }
}

type Where = Pick<ServeFlags, 'host' | 'port'> & { readonly tls: TlsFiles | undefined };

async function serve(path: string, where: Where, folder: string, place: string): Promise<number> {
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
  if (isUp) tell(server, where, folder, place);
  else if (!isStopped) {
    child.kill('SIGTERM');
    say(
      `nats-server does not answer on port ${where.port}; ${logPath} says why. Is the port taken? --port takes another.`,
    );
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

function tell(server: StartedServer, { host, port, tls }: Where, folder: string, place: string): void {
  const name = host === '0.0.0.0' ? hostname() : host;
  const address = `${tls === undefined ? 'nats' : 'tls'}://${server.user}:${server.password}@${name}:${port}`;
  const file = join(place, 'engine.url');
  writeFileSync(file, `${address}\n`, { mode: 0o600 });
  say(
    `Serving     ${server.version} on ${host}:${port}, store ${folder}, at most ${formatBytes(server.storeBytesMax)}`,
  );
  if (!server.syncsAlways) {
    say(
      '            Before version 2.10 the last seconds are lost when the power fails; the machines hand them in again.',
    );
  }
  say(`Machines    copy ${file} beside the executable, then on each:`);
  say('              --machine NAME --yes --engine @engine.url');
  say('Results     merge @engine.url; how far: status @engine.url. Ctrl-C ends the server, what it holds stays.');
}
