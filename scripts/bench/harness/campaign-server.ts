import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNatsServer } from '../../../src/runtime/engine/nats-server.ts';

const port = 14_222;

/** Runs something beside a NATS server of its own in `folder`; `undefined`: there is none on this machine. */
export function withNatsServer<Value>(folder: string, use: (address: string) => Value): Value | undefined {
  const path = findNatsServer('');
  if (path === undefined) return undefined;
  const config = join(folder, 'nats.conf');
  const store = JSON.stringify(join(folder, 'store'));
  writeFileSync(config, `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${store} }\nmax_payload: 8388608\n`);
  const server: ChildProcess = spawn(path, ['-c', config], { stdio: 'ignore' });
  try {
    // Everything here is measured without an event loop that could wait.
    spawnSync('sleep', ['1']);
    return use(`nats://127.0.0.1:${port}`);
  } finally {
    server.kill('SIGKILL');
  }
}
