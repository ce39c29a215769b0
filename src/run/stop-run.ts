import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { escapeMachineName } from '../config/machine-name.ts';
import type { StopHow } from '../core/dispatch/protocol.ts';
import { lockPath, stopPath } from '../runtime/run-folder.ts';
import { findLivingHolder, type LockHolder } from '../runtime/run-lock.ts';
import { writeStopFile } from '../runtime/stop-file.ts';

export interface RunningFolder {
  readonly folder: string;
  readonly holder: LockHolder;
}

/** A run folder's process, where one is at work. */
export function findRunning(folder: string): RunningFolder | undefined {
  const holder = findLivingHolder(lockPath(folder));
  return holder && { folder, holder };
}

/** All run folders of an experiment, beside its three files, that are being computed. */
export function findAllRunning(place: string, experiment: string): readonly RunningFolder[] {
  const prefix = `${escapeMachineName(experiment)}.`;
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const running = entry.isDirectory() && entry.name.startsWith(prefix) && findRunning(join(place, entry.name));
    return running ? [running] : [];
  });
}

/** `taken`: the process lets its running jobs finish; `ended`: it is gone; `silent`: it has not looked yet. */
export type StopOutcome = 'taken' | 'ended' | 'silent';

const lookMs = 100;

/** Asks a run to stop. Waits until it has taken the request (`drain`) or has ended (`now`), but no longer than `patienceMs`. */
export async function stopRun(running: RunningFolder, how: StopHow, patienceMs: number): Promise<StopOutcome> {
  const { folder, holder } = running;
  writeStopFile(stopPath(folder), holder, how);
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookMs) {
    await wait(lookMs);
    if (findRunning(folder)?.holder.pid !== holder.pid) return 'ended';
    if (how === 'drain' && !existsSync(stopPath(folder))) return 'taken';
  }
  return existsSync(stopPath(folder)) ? 'silent' : 'taken';
}
