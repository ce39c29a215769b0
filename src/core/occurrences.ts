import type { JobIndex } from './ids.ts';
import type { LazyPool } from './pool.ts';

/** For each job: how many equal ones stand before it in the pool (0, 1, 2, …). */
export interface Occurrences {
  /** Whether any job has an equal one. */
  readonly hasRepeats: boolean;
  /** `undefined` means 0. */
  get(job: JobIndex): number | undefined;
}

const none: Occurrences = { hasRepeats: false, get: () => undefined };

/**
 * Counts equal jobs in the order of the pool. Exact: 32-bit hashes find the few jobs that may be equal, their arguments
 * decide. Takes about 4.5 bytes a job for a moment; keeps nothing where all jobs differ, else 4 bytes a job. Only a
 * pool of very many different repeated jobs takes more: their texts, for a moment.
 */
export function countOccurrences(pool: LazyPool<readonly unknown[]>): Occurrences {
  if (pool.distinct || pool.length < 2) return none;
  const hashes = new Uint32Array(pool.length);
  for (let index = 0; index < pool.length; index++) hashes[index] = hash32(pool.spell(index));
  const candidates = findRepeated(hashes);
  let counts: Uint32Array | undefined;
  const seen = new Map<string, number>();
  for (let index = 0; candidates.length > 0 && index < pool.length; index++) {
    if (!includesSorted(candidates, hashes[index] ?? 0)) continue;
    const text = pool.spell(index);
    const before = seen.get(text) ?? 0;
    seen.set(text, before + 1);
    if (before === 0) continue;
    counts ??= new Uint32Array(pool.length);
    counts[index] = before;
  }
  return counts === undefined ? none : { hasRepeats: true, get: (job) => counts[job] };
}

/** A job's identity: what it is called with, and the how-manieth of equal ones it is. */
export function identityOf(argsJson: string, occurrence: number): string {
  return occurrence === 0 ? argsJson : `${argsJson}#${occurrence}`;
}

/** Hashes are sorted in this many parts, one after the other, so that no second array of all is needed. */
const partBits = 3;

/** The values that occur more than once: sorted, each once. */
function findRepeated(hashes: Uint32Array): Uint32Array {
  const repeated: number[] = [];
  for (let part = 0; part < 2 ** partBits; part++) {
    const some = selectPart(hashes, part).sort();
    for (let index = 1; index < some.length; index++) {
      const hash = some[index] ?? 0;
      if (hash === some[index - 1] && hash !== repeated.at(-1)) repeated.push(hash);
    }
  }
  return Uint32Array.from(repeated);
}

/** The hashes whose upper bits are `part`. */
function selectPart(hashes: Uint32Array, part: number): Uint32Array {
  let length = 0;
  for (let index = 0; index < hashes.length; index++) if (partOf(hashes[index] ?? 0) === part) length++;
  const some = new Uint32Array(length);
  let next = 0;
  for (let index = 0; index < hashes.length; index++) {
    const hash = hashes[index] ?? 0;
    if (partOf(hash) === part) some[next++] = hash;
  }
  return some;
}

function partOf(hash: number): number {
  return hash >>> (32 - partBits);
}

function includesSorted(list: Uint32Array, value: number): boolean {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((list[middle] ?? 0) < value) from = middle + 1;
    else to = middle;
  }
  return list[from] === value;
}

/** FNV-1a with the finish of MurmurHash3; not for security: equal hashes are checked against the texts. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
