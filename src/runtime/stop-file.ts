import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { StopHow } from '../core/dispatch/protocol.ts';
import type { LockHolder } from './run-lock.ts';

/** How soon a request is seen at the latest. */
const pollMs = 1_000;

interface StopRequest extends LockHolder {
  readonly how: StopHow;
}

/** Asks the process that holds a run folder to stop; it removes the file when it obeys. */
export function writeStopFile(path: string, { host, pid }: LockHolder, how: StopHow): void {
  const draft = `${path}.${process.pid}.new`;
  const request: StopRequest = { host, pid, how };
  writeFileSync(draft, `${JSON.stringify(request)}\n`);
  renameSync(draft, path);
}

/** Looks for requests now and then, until the function that is returned is called. */
export function watchStopFile(path: string, onStop: (how: StopHow) => void): () => void {
  // Another thread for it would wake up this process twice as often.
  const look = (): void => {
    if (!existsSync(path)) return;
    const how = readRequest(path);
    clearStopFile(path);
    if (how !== undefined) onStop(how);
  };
  const timer = setInterval(look, pollMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    clearStopFile(path);
  };
}

export function clearStopFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Held by somebody (Windows); it will be tried again.
  }
}

/** What is asked of this process; `undefined`: the file is meant for another one, or is none of ours. */
function readRequest(path: string): StopHow | undefined {
  try {
    const request: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof request !== 'object' || request === null || !('pid' in request) || !('host' in request))
      return undefined;
    if (request.pid !== process.pid || request.host !== hostname() || !('how' in request)) return undefined;
    return request.how === 'now' ? 'now' : 'drain';
  } catch {
    return undefined;
  }
}
