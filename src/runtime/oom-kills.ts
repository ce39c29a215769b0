import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/**
 * How many processes the kernel has killed for want of memory where this process lives: in its control group (version 2 or 1),
 * else on the whole system. `undefined` where the system does not count.
 */
export function readOomKills(path: string | undefined = findCounter()): number | undefined {
  if (path === undefined) return undefined;
  try {
    return parseOomKills(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads `memory.events` (version 2), `memory.oom_control` (version 1) or `/proc/vmstat`: all have a line `oom_kill 3`. */
export function parseOomKills(text: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** The files that may count, the nearest first; `groups` is the text of `/proc/self/cgroup`. */
export function counterPaths(groups: string): readonly string[] {
  const second = /^0::(.*)$/m.exec(groups)?.[1];
  const first = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(groups)?.[1];
  const paths: string[] = [];
  if (first !== undefined) paths.push(join(root, 'memory', first, 'memory.oom_control'));
  if (first !== undefined) paths.push(join(root, 'memory', 'memory.oom_control'));
  if (second !== undefined) paths.push(join(root, second, 'memory.events'));
  return [...paths, join(root, 'memory.events'), '/proc/vmstat'];
}

function findCounter(): string | undefined {
  try {
    return counterPaths(readFileSync('/proc/self/cgroup', 'utf8')).find((path) => existsSync(path));
  } catch {
    return undefined; // Not Linux.
  }
}
