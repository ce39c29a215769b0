import type { SystemTools } from './end-all.ts';

/**
 * Resident memory of the processes below `pid`, in bytes; 0 where the system does not tell (all but Linux). Uses
 * nothing from outside of itself: its text runs in the watcher's thread.
 */
export function memoryOfChildren({ readdirSync, readFileSync }: SystemTools, pid: number): number {
  const childrenOf = (parent: number): number[] => {
    const list: number[] = [];
    try {
      for (const thread of readdirSync(`/proc/${parent}/task`)) {
        const text = readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8');
        list.push(...text.split(' ').map(Number).filter(Boolean));
      }
    } catch {
      // It is gone, or this is another system.
    }
    return list;
  };
  let bytes = 0;
  const left = childrenOf(pid);
  // Bounded, should the system's answers ever go in a circle.
  for (let count = 0; count < 10_000; count++) {
    const child = left.pop();
    if (child === undefined) break;
    try {
      const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1];
      bytes += 1024 * Number(resident ?? 0);
    } catch {
      continue;
    }
    left.push(...childrenOf(child));
  }
  return bytes;
}
