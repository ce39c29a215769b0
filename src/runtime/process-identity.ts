import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** What tells one process from all others, as far as the system says. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Linux: changes with every start of the system. */
  readonly bootId?: string;
  /** Linux: process ids mean something only within one of these; every container has its own. */
  readonly pidSpace?: string;
  /** Linux: when the process started, in ticks since boot; a reused id has another one. */
  readonly startTicks?: string;
}

export function thisProcess(): ProcessIdentity {
  const bootId = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const pidSpace = tryRead(() => readlinkSync('/proc/self/ns/pid'));
  const startTicks = statOf(process.pid)?.startTicks;
  return {
    host: hostname(),
    pid: process.pid,
    ...(bootId !== undefined && { bootId }),
    ...(pidSpace !== undefined && { pidSpace }),
    ...(startTicks !== undefined && { startTicks }),
  };
}

/**
 * `unknown`: it is on another host, or in another container, or its id may have been given away. `lastSeenMs` is when
 * it last gave a sign of life, in milliseconds since 1970.
 */
export function askProcess(other: ProcessIdentity, lastSeenMs: number): 'alive' | 'dead' | 'unknown' {
  const self = thisProcess();
  if (other.host !== self.host) return 'unknown';
  if (other.bootId !== self.bootId) {
    // This system started after the last sign of life: the same machine started anew. Otherwise another machine that
    // bears the same name.
    return lastSeenMs < Date.now() - uptime() * 1_000 ? 'dead' : 'unknown';
  }
  if (other.pidSpace !== self.pidSpace) return 'unknown';
  if (!answers(other.pid)) return 'dead';
  if (other.startTicks === undefined) return 'unknown';
  const stat = statOf(other.pid);
  return stat === undefined || stat.state === 'Z' || stat.startTicks !== other.startTicks ? 'dead' : 'alive';
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Fields 3 and 22 of proc(5)'s stat; the second, the command, may hold blanks and brackets. */
function statOf(pid: number): { readonly state: string; readonly startTicks: string } | undefined {
  const text = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields?.[0], fields?.[19]];
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks };
}

function tryRead(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
