import type { spawnSync } from 'node:child_process';
import type { readdirSync, readFileSync } from 'node:fs';

/** Name of the environment variable by which the processes of a run know each other: `<run>.<worker>`. */
export const markVariable = 'JOB_SPLITTER_WORKER';

export interface SystemTools {
  readonly readdirSync: typeof readdirSync;
  readonly readFileSync: typeof readFileSync;
  readonly spawnSync: typeof spawnSync;
}

/*
 * These functions use nothing from outside of themselves but globals: their text also runs in the watcher's thread.
 */

/**
 * Kills the processes that carry one of the marks in their environment, which children inherit, and the groups they
 * lead: also those that left the worker's group (`setsid`). Linux only; elsewhere the group is all that can be found.
 */
export function killMarked(
  { readdirSync, readFileSync }: SystemTools,
  marks: readonly string[],
  exceptPid: number,
): void {
  const kill = (pid: number): void => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone, or leads no group.
    }
  };
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!(pid > 1) || pid === exceptPid) continue;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      if (!marks.some((mark) => environment.includes(mark))) continue;
    } catch {
      continue; // Another user's, or gone.
    }
    kill(-pid);
    kill(pid);
  }
}

/** Kills a process with its group, on Windows with the tree below it. */
export function killGroup({ spawnSync }: SystemTools, pid: number): void {
  const isWindows = process.platform === 'win32';
  if (isWindows) {
    // By its full name: Windows would look into the working directory first.
    const taskkill = `${process.env.SystemRoot || 'C:\\Windows'}\\System32\\taskkill.exe`;
    spawnSync(taskkill, ['/T', '/F', '/PID', String(pid)], { windowsHide: true, stdio: 'ignore' });
  }
  for (const target of isWindows ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // Nobody is left.
    }
  }
}
