import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseEngineAddress } from '../config/engine-address.ts';
import { findFolder } from '../run/three-files.ts';
import { connectTo } from '../runtime/engine/connection.ts';
import { findNatsServer, type StartedServer, startNatsServer } from '../runtime/engine/nats-server.ts';
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
export async function serveCommand({ host, port, store, tlsCert, tlsKey }: ServeFlags): Promise<number> {
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
  const server = startNatsServer(path, { host, port, folder, tls });
  const ended = new Promise<number>((end) => {
    server.child.on('error', () => end(exitCodes.internal));
    server.child.on('exit', (code, signal) => end(code ?? (signal === null ? exitCodes.internal : exitCodes.done)));
  });
  const stop = (): void => void server.child.kill('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  const isUp = await Promise.race([waitUntilUp(server, { host, port, tls }), ended.then(() => false)]);
  if (!isUp) {
    stop();
    say(
      `nats-server does not answer on port ${port}; ${server.logPath} says why. Is the port taken? --port takes another.`,
    );
    return exitCodes.usage;
  }
  tell(server, { host, port, tls }, folder, place);
  return ended;
}

type Where = Pick<ServeFlags, 'host' | 'port'> & { readonly tls: object | undefined };

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
