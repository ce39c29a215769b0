import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalSession } from '../core/journal/record.ts';
import { checkpointsPath } from '../runtime/run-folder.ts';

/** Removes the checkpoints that other code than this wrote: those older than its own sessions at the end of the list. */
export function dropOlderCheckpoints(folder: string, sessions: readonly JournalSession[], code: string): void {
  const checkpoints = checkpointsPath(folder);
  if (!existsSync(checkpoints)) return;
  let sinceMs = Number.POSITIVE_INFINITY;
  for (const session of sessions.toReversed()) {
    if (session.codeFingerprint !== code) break;
    sinceMs = session.startedAtMs;
  }
  for (const name of readdirSync(checkpoints)) {
    const path = join(checkpoints, name);
    if (statSync(path).mtimeMs < sinceMs) rmSync(path, { force: true });
  }
}
