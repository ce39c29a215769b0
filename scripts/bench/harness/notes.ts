import { existsSync, readFileSync } from 'node:fs';

/** When the jobs began that said so, in milliseconds since 1970, the first one of each process, in order. */
export function readFirstNotes(path: string): readonly number[] {
  if (!existsSync(path)) return [];
  const first = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    const [pid = '', ms = ''] = line.split(' ');
    if (!first.has(pid)) first.set(pid, Number(ms));
  }
  return [...first.values()].sort((a, b) => a - b);
}
