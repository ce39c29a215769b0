import { Worker } from 'node:worker_threads';
import { abortByte } from './messages.ts';

/**
 * A thread that listens where the main thread may be deep in a busy loop: its parent's death ends this process and
 * all that it started; the stop byte raises a flag that `signal.aborted` reads. The code stands in a text because a
 * packaged program has no file to start a thread from.
 */
const threadCode = `
const { workerData, parentPort } = require('node:worker_threads');
const { spawnSync } = require('node:child_process');
const net = require('node:net');
const flag = new Int32Array(workerData.flag);
const die = () => {
  try {
    if (process.platform === 'win32') spawnSync('taskkill', ['/T', '/F', '/PID', String(process.pid)], { windowsHide: true });
    else process.kill(-process.pid, 'SIGKILL');
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
};
const input = new net.Socket({ fd: 0, readable: true, writable: false });
input.on('data', (bytes) => {
  if (!bytes.includes(workerData.abortByte)) return;
  Atomics.store(flag, 0, 1);
  parentPort.postMessage('abort');
});
input.on('end', die);
input.on('close', die);
input.on('error', die);
`;

export interface Watcher {
  /** True from the moment the stop byte arrived, also inside a busy loop. */
  isAborted(): boolean;
  /** Called on the main thread, once it gets to it. */
  onAbort(call: () => void): void;
}

export function startWatcher(): Watcher {
  const flag = new SharedArrayBuffer(4);
  const view = new Int32Array(flag);
  const thread = new Worker(threadCode, { eval: true, workerData: { flag, abortByte }, stdin: false });
  thread.unref();
  return {
    isAborted: () => Atomics.load(view, 0) === 1,
    onAbort: (call) => {
      thread.on('message', call);
      thread.unref();
    },
  };
}
