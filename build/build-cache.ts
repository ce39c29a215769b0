import { homedir } from 'node:os';
import { join } from 'node:path';

/** What builds keep for the next ones: the user's, on the machine that builds. */
export function buildCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'job-splitter');
}
