import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { codeOf, type Files, readText, systemFiles, withFile, writeAll } from './files.ts';
import { askProcess, type ProcessIdentity, thisProcess } from './process-identity.ts';
import { removeQuietly } from './replace-file.ts';

export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /**
   * Where it cannot be asked whether it lives (another host or container): how long until it counts as dead, unless it
   * gives another sign of life.
   */
  readonly freeAfterMs?: number;
}

export type LockResult =
  | {
      readonly ok: true;
      readonly release: () => void;
      /** Says who has taken the folder over meanwhile: whoever holds it no more must not write. */
      readonly whyLost: (isUrgent?: boolean) => string | undefined;
    }
  | { readonly ok: false; readonly holder: LockHolder };

/** The holder shows so often that it lives … */
const heartbeatMs = 20_000;
/** … and is taken for dead after this long, where it cannot be asked. */
export const deadAfterMs = 120_000;
/** Before a write, the lock is looked at again when it was last seen longer ago. */
const trustMs = 5_000;
const [triesMax, waitMs] = [60, 25];

type Owner = ProcessIdentity & { readonly token: string };

/*
 * The lock keeps a person from starting a share twice; each machine's journal has a folder of its own, so correctness
 * needs no lock. Whose process is gone loses it at once on the same host, elsewhere when its heartbeat has stopped.
 *
 * Taking over must let exactly one win, however many try. To replace a lock one first takes a lock on that: the file
 * `lock.json.<token of the dead holder>`, by the same rules (its holder may die as well). Only its holder may replace
 * the lock, after looking again that it is still the dead one's: a token that is gone never comes back.
 */

/** Takes the run folder for this process, unless a living one has it. Throws where no file can be made there. */
export function takeLock(path: string, files: Files = systemFiles): LockResult {
  const mine: Owner = { ...thisProcess(), token: randomUUID().slice(0, 13) };
  const taken = take(path, mine, files);
  if (taken !== undefined) return { ok: false, holder: taken };
  removeRemains(path, files);
  return { ok: true, ...keepAlive(path, mine, files) };
}

/** Returns who has it, or nothing: it is ours. */
function take(path: string, mine: Owner, files: Files): LockHolder | undefined {
  let holder: LockHolder = { host: 'unknown', pid: 0 };
  for (let tries = 0; tries < triesMax; tries++) {
    if (createLock(path, mine, files)) return undefined;
    const seen = readLock(path, files);
    if (seen === undefined) continue;
    holder = holderOf(seen, holder);
    const alive = isAlive(seen);
    if (alive && seen.owner !== undefined) return holder;
    if (!alive && replaceDead(path, seen.owner?.token ?? 'unreadable', mine, files)) return undefined;
    files.pause(waitMs);
  }
  return holder;
}

function replaceDead(path: string, deadToken: string, mine: Owner, files: Files): boolean {
  const guard = `${path}.${deadToken}`;
  if (take(guard, mine, files) !== undefined) return false;
  try {
    const seen = readLock(path, files);
    if (seen === undefined || isAlive(seen) || (seen.owner?.token ?? 'unreadable') !== deadToken) return false;
    const draft = writeDraft(path, mine, files);
    files.rename(draft, path);
    return true;
  } finally {
    removeQuietly(files, guard);
  }
}

/** With its text in it from the first moment on, where the file system has links. */
function createLock(path: string, mine: Owner, files: Files): boolean {
  const draft = writeDraft(path, mine, files);
  try {
    files.link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    return createWithoutLink(path, mine, files);
  } finally {
    removeQuietly(files, draft);
  }
}

function createWithoutLink(path: string, mine: Owner, files: Files): boolean {
  try {
    withFile(files, path, 'create', (file) => writeAll(files, file, spell(mine), 0));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function writeDraft(path: string, mine: Owner, files: Files): string {
  const draft = `${path}.${mine.token}.new`;
  withFile(files, draft, 'replace', (file) => writeAll(files, file, spell(mine), 0));
  return draft;
}

const spell = (owner: Owner): Buffer => Buffer.from(`${JSON.stringify(owner)}\n`);

interface SeenLock {
  /** Not known while the lock is being written, or if it was cut off then. */
  readonly owner: Owner | undefined;
  readonly lastSeenMs: number;
}

function readLock(path: string, files: Files): SeenLock | undefined {
  try {
    const lastSeenMs = files.modifiedMs(path);
    return { owner: parseOwner(readText(files, path)), lastSeenMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('host' in value) || !('pid' in value)) return undefined;
    const optional = (name: string): Record<string, string> => {
      const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
      return typeof found === 'string' ? { [name]: found } : {};
    };
    return {
      host: String(value.host),
      pid: Number(value.pid),
      ...optional('bootId'),
      ...optional('pidSpace'),
      ...optional('startTicks'),
      token: optional('token').token?.replace(/[^\w-]/g, '') ?? `${Number(value.pid)}`,
    };
  } catch {
    return undefined;
  }
}

/** One that is being written has a moment's time. */
const writtenWithinMs = 10_000;

function isAlive({ owner, lastSeenMs }: SeenLock): boolean {
  const state = owner === undefined ? 'unknown' : askProcess(owner, lastSeenMs);
  return state === 'unknown' ? freeAfterMs({ owner, lastSeenMs }) > 0 : state === 'alive';
}

/** How much longer a process that cannot be asked counts as living. */
function freeAfterMs({ owner, lastSeenMs }: SeenLock): number {
  return lastSeenMs + (owner === undefined ? writtenWithinMs : deadAfterMs) - Date.now();
}

function holderOf(seen: SeenLock, unknown: LockHolder): LockHolder {
  const { host, pid } = seen.owner ?? unknown;
  const canBeAsked = seen.owner !== undefined && askProcess(seen.owner, seen.lastSeenMs) !== 'unknown';
  return { host, pid, ...(!canBeAsked && { freeAfterMs: Math.max(0, freeAfterMs(seen)) }) };
}

/** Drafts and guards of processes that died while they made them. */
function removeRemains(path: string, files: Files): void {
  try {
    for (const name of files.list(dirname(path))) {
      if (name.startsWith(`${basename(path)}.`)) removeQuietly(files, join(dirname(path), name));
    }
  } catch {
    // They are in nobody's way.
  }
}

/** Who holds a run folder, where it is a living process. */
export function findLivingHolder(path: string, files: Files = systemFiles): LockHolder | undefined {
  const seen = readLock(path, files);
  return seen !== undefined && isAlive(seen) ? seen.owner : undefined;
}

function keepAlive(path: string, mine: Owner, files: Files): Pick<LockResult & { ok: true }, 'release' | 'whyLost'> {
  let lost: string | undefined;
  let lookedAtMs = Date.now();
  const look = (): void => {
    lookedAtMs = Date.now();
    try {
      const owner = beat(path, mine, files);
      if (owner !== undefined && owner.token !== mine.token)
        lost = `process ${owner.pid} on ${owner.host} has taken over this run; this one must not write any more`;
    } catch {
      // The folder may be out of reach for a while; somebody removed the lock: not a reason to stop.
    }
  };
  const timer = setInterval(look, heartbeatMs);
  timer.unref();
  return {
    whyLost: (isUrgent = false) => {
      // After a suspension the heartbeat was late: look before writing.
      if (lost === undefined && (isUrgent || Date.now() - lookedAtMs > trustMs)) look();
      return lost;
    },
    release: () => {
      clearInterval(timer);
      try {
        if (parseOwner(readText(files, path))?.token === mine.token) files.remove(path);
      } catch {
        // The next start sees that this process is gone.
      }
    },
  };
}

/** Writes the same text again: that moves the file's time on, by the clock of the file system. */
function beat(path: string, mine: Owner, files: Files): Owner | undefined {
  return withFile(files, path, 'update', (file) => {
    const data = Buffer.alloc(files.sizeBytes(file));
    files.read(file, data, 0);
    const owner = parseOwner(data.toString('utf8'));
    if (owner?.token === mine.token) writeAll(files, file, spell(mine), 0);
    return owner;
  });
}
