import { bareLoops } from '../peers.ts';

/** How many blocks of SHA-256 a millisecond takes while both cores are busy. */
export function blocksPerMs(): number {
  const [jobs, blocks] = [200, 100];
  const { spanMs } = bareLoops('node').run({ jobs, blocks });
  return (jobs * blocks) / 2 / spanMs;
}
