import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { killGroup, killMarked } from './worker/end-all.ts';

const tools = { readdirSync, readFileSync, spawnSync };
/** Workers that end together are looked after together: one search through all processes serves them. */
const gatherMs = 10;

let waiting: { readonly mark: string; readonly done: () => void }[] = [];

/** Kills a worker with its process group. */
export function killWorker(pid: number | undefined): void {
  if (pid !== undefined) killGroup(tools, pid);
}

/** Kills what a worker that ended has left outside of its group, then calls. */
export function endSoon(mark: string, done: () => void): void {
  waiting.push({ mark, done });
  if (waiting.length > 1) return;
  setTimeout(() => {
    const ended = waiting;
    waiting = [];
    const marks = ended.map(({ mark }) => mark);
    killMarked(tools, marks, process.pid);
    for (const { done } of ended) done();
  }, gatherMs);
}
