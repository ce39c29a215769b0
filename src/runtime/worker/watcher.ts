import type { Socket } from 'node:net';
import { type MessagePort, Worker } from 'node:worker_threads';
import { Claims, recallStep } from './claims.ts';
import { killGroup, killMarked, markVariable, type SystemTools } from './end-all.ts';
import { memoryOfChildren } from './memory-use.ts';
import { abortByte, marksFd, memoryMark, recallByte, recallMark } from './messages.ts';

/*
 * A thread that listens where the main thread may be deep in a busy loop. Its parent's death ends this process, its siblings and
 * all that they started; the stop byte raises a flag that `signal.aborted` reads; the recall byte takes back the jobs that
 * were not begun; memory beyond the limit ends it.
 */

/** How often the memory is looked at while there is a limit. */
const memoryIntervalMs = 50;
/** Should a job have closed the standard input, another parent tells of the first one's death. */
const parentIntervalMs = 2_000;

interface WatchOrder {
  /** Whether to stop, and the word of `Claims`. */
  readonly words: SharedArrayBuffer;
  readonly abortByte: string;
  readonly recallByte: string;
  readonly recallMark: string;
  readonly recallStep: number;
  readonly marksFd: number;
  readonly memoryMark: string;
  /** What all processes of this run have in their environment. */
  readonly runMark: string;
  readonly parentPid: number;
  readonly memoryIntervalMs: number;
  readonly parentIntervalMs: number;
}

interface ThreadTools extends SystemTools {
  readonly Socket: typeof Socket;
  readonly port: MessagePort;
  readonly writeSync: (fd: number, text: string) => unknown;
  readonly killGroup: typeof killGroup;
  readonly killMarked: typeof killMarked;
  readonly memoryOfChildren: typeof memoryOfChildren;
}

/** Uses nothing from outside of itself: a packaged program has no file to start a thread from, so its text is given. */
function watch(order: WatchOrder, tools: ThreadTools): void {
  const words = new Int32Array(order.words);
  const die = (): void => {
    try {
      if (order.runMark !== '') tools.killMarked(tools, [order.runMark], process.pid);
    } finally {
      tools.killGroup(tools, process.pid);
    }
  };
  const input = new tools.Socket({ fd: 0, readable: true, writable: false });
  const recall = (): void => {
    const begun = Atomics.add(words, 1, order.recallStep) & (order.recallStep - 1);
    try {
      tools.writeSync(order.marksFd, `\n${order.recallMark}${begun}\n`);
    } catch {
      // The running job closed the descriptor: the parent would wait for ever.
      tools.killGroup(tools, process.pid);
    }
  };
  input.on('data', (bytes) => {
    for (const byte of bytes.toString('latin1')) {
      if (byte === order.recallByte) recall();
      if (byte !== order.abortByte) continue;
      Atomics.store(words, 0, 1);
      tools.port.postMessage('abort');
    }
  });
  for (const event of ['end', 'close', 'error']) input.on(event, die);
  setInterval(() => {
    if (process.ppid !== order.parentPid) die();
  }, order.parentIntervalMs);
  tools.port.on('message', (memoryLimitBytes: number) => {
    let ticks = 0;
    let childrenBytes = 0;
    setInterval(() => {
      // Children cost more to look at, and are rare.
      if (ticks++ % 10 === 0) childrenBytes = tools.memoryOfChildren(tools, process.pid);
      const usedBytes = process.memoryUsage.rss() + childrenBytes;
      if (usedBytes <= memoryLimitBytes) return;
      try {
        tools.writeSync(order.marksFd, `\n${order.memoryMark}${usedBytes}\n`);
      } finally {
        tools.killGroup(tools, process.pid);
      }
    }, order.memoryIntervalMs);
  });
}

const threadCode = (): string => `
const { workerData, parentPort } = require('node:worker_threads');
const { readdirSync, readFileSync, writeSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const { Socket } = require('node:net');
const tools = { readdirSync, readFileSync, writeSync, spawnSync, Socket, port: parentPort };
(${watch.toString()})(workerData, { ...tools,
  killGroup: ${killGroup.toString()},
  killMarked: ${killMarked.toString()},
  memoryOfChildren: ${memoryOfChildren.toString()},
});
`;

export interface Watcher {
  /** True from the moment the stop byte arrived, also inside a busy loop. */
  isAborted(): boolean;
  /** Which jobs were begun; a recall takes back the others. */
  readonly claims: Claims;
  /** Called on the main thread, once it gets to it. */
  onAbort(call: () => void): void;
  /** From now on, memory of this process and its children beyond the limit is its end. */
  limitMemory(bytes: number): void;
}

export function startWatcher(): Watcher {
  const words = new SharedArrayBuffer(8);
  const view = new Int32Array(words);
  const mark = process.env[markVariable];
  const workerData: WatchOrder = {
    words,
    abortByte,
    recallByte,
    recallMark,
    recallStep,
    marksFd,
    memoryMark,
    runMark: mark === undefined ? '' : `${markVariable}=${mark.split('.')[0]}.`,
    parentPid: process.ppid,
    memoryIntervalMs,
    parentIntervalMs,
  };
  const thread = new Worker(threadCode(), { eval: true, workerData, stdin: false });
  thread.unref();
  return {
    isAborted: () => Atomics.load(view, 0) === 1,
    claims: new Claims(view.subarray(1)),
    onAbort: (call) => {
      thread.on('message', call);
      thread.unref();
    },
    limitMemory: (bytes) => thread.postMessage(bytes),
  };
}
