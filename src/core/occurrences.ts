import { spellArguments } from './digest.ts';
import { type JobIndex, jobIndex } from './ids.ts';
import type { LazyPool } from './pool.ts';

/** For each job that equals an earlier one: how many equal ones stand before it (1, 2, …). Others have no entry. */
export type Occurrences = ReadonlyMap<JobIndex, number>;

/**
 * Counts equal jobs in the order of the pool. Exact, with 8 bytes a job for a moment: hashes find the few jobs that
 * may be equal, their arguments decide.
 */
export function countOccurrences(pool: LazyPool<readonly unknown[]>): Occurrences {
  const occurrences = new Map<JobIndex, number>();
  if (pool.distinct || pool.length < 2) return occurrences;
  const candidates = findRepeatedHashes(pool);
  if (candidates.size === 0) return occurrences;
  const seen = new Map<string, number>();
  for (let index = 0; index < pool.length; index++) {
    const text = spellArguments(pool.at(index), index);
    if (!candidates.has(hash53(text))) continue;
    const before = seen.get(text) ?? 0;
    seen.set(text, before + 1);
    if (before > 0) occurrences.set(jobIndex(index), before);
  }
  return occurrences;
}

/** A job's identity: what it is called with, and the how-manieth of equal ones it is. */
export function identityOf(argsJson: string, occurrence: number): string {
  return occurrence === 0 ? argsJson : `${argsJson}#${occurrence}`;
}

function findRepeatedHashes(pool: LazyPool<readonly unknown[]>): ReadonlySet<number> {
  const hashes = new Float64Array(pool.length);
  for (let index = 0; index < pool.length; index++) hashes[index] = hash53(spellArguments(pool.at(index), index));
  hashes.sort();
  const repeated = new Set<number>();
  for (let index = 1; index < hashes.length; index++) {
    const hash = hashes[index];
    if (hash !== undefined && hash === hashes[index - 1]) repeated.add(hash);
  }
  return repeated;
}

/** cyrb53 (bryc, public domain): 53 bits, quick, not for security; equal hashes are checked against the texts. */
function hash53(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
