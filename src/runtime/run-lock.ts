import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';

export interface LockHolder {
  readonly host: string;
  readonly pid: number;
}

export type LockResult =
  | { readonly ok: true; readonly release: () => void }
  | { readonly ok: false; readonly holder: LockHolder };

/** The holder shows so often that it lives … */
const heartbeatMs = 20_000;
/** … and is taken for dead after this long. */
const deadAfterMs = 120_000;

/** Takes the run folder for this process, unless a living one has it. */
export function takeLock(path: string): LockResult {
  for (let tries = 0; ; tries++) {
    if (createLock(path)) return { ok: true, release: keepAlive(path) };
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(path, holder)) return { ok: false, holder };
    if (tries > 3) return { ok: false, holder: holder ?? { host: 'unknown', pid: 0 } };
    rmSync(path, { force: true });
  }
}

function createLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, `${JSON.stringify({ host: hostname(), pid: process.pid })}\n`);
    closeSync(file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function keepAlive(path: string): () => void {
  const timer = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The folder may be out of reach for a while.
    }
  }, heartbeatMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    rmSync(path, { force: true });
  };
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('host' in value) || !('pid' in value)) return undefined;
    return { host: String(value.host), pid: Number(value.pid) };
  } catch {
    return undefined;
  }
}

/** On this host the process is asked; on another one only the heartbeat tells. */
function isAlive(path: string, { host, pid }: LockHolder): boolean {
  const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (ageMs > deadAfterMs) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Who holds a run folder, where it is a living process. */
export function findLivingHolder(path: string): LockHolder | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(path, holder) ? holder : undefined;
}
