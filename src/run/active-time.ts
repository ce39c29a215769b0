import { statSync } from 'node:fs';
import type { JournalSession } from '../core/journal/record.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { readConcluded } from './summary.ts';

/** How long all sessions up to this one have worked, the pauses between them left out. */
export function activeMs({ beforeMs = 0, startedAtMs }: JournalSession, nowMs: number): number {
  return Math.round(beforeMs + Math.max(0, nowMs - startedAtMs));
}

/** The same at a new start: until the summary was written, or, where a session was killed, until it wrote to the journal last. */
export function activeMsBefore(folder: string, sessions: readonly JournalSession[]): number {
  const last = sessions.at(-1);
  if (last === undefined) return 0;
  const written = readConcluded(folder);
  if (written.activeMs !== undefined && Number(written.endedAtMs) >= last.startedAtMs) return written.activeMs;
  return activeMs(last, statSync(journalPath(folder)).mtimeMs);
}
