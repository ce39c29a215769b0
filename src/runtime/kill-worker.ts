import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { killGroup, killMarked } from './worker/end-all.ts';

const tools = { readdirSync, readFileSync, spawnSync };
/** Workers that end together are looked after together: one search through all processes serves them. */
const gatherMs = 10;

let waiting: { readonly mark: string; readonly done: () => void }[] = [];
let timer: NodeJS.Timeout | undefined;
/** Workers whose end will be told. */
let awaited = 0;

/** There is a worker whose end `endSoon` will be told. */
export function awaitEnd(): void {
  awaited++;
}

/** Kills a worker with its process group. */
export function killWorker(pid: number | undefined): void {
  if (pid !== undefined) killGroup(tools, pid);
}

/** Kills what a worker that ended has left outside of its group, then calls. */
export function endSoon(mark: string, done: () => void): void {
  waiting.push({ mark, done });
  awaited--;
  // Nobody is left to wait for: this is the end of most runs.
  if (awaited === 0) {
    clearTimeout(timer);
    setImmediate(endWaiting);
  } else if (waiting.length === 1) timer = setTimeout(endWaiting, gatherMs);
}

function endWaiting(): void {
  const ended = waiting;
  waiting = [];
  const marks = ended.map(({ mark }) => mark);
  if (marks.length > 0) killMarked(tools, marks, process.pid);
  for (const { done } of ended) done();
}
