import { ByteText } from './byte-text.ts';
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
 * decide. Takes about 8 bytes a job for a moment; keeps nothing where all jobs differ, else 4 bytes a job. Only a
 * pool of very many different repeated jobs takes more: their texts, for a moment.
 */
export function countOccurrences(pool: LazyPool<readonly unknown[]>): Occurrences {
  if (pool.distinct || pool.length < 2) return none;
  const hashes = hashJobs(pool);
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

/** A table of so many hashes stays in a core's own cache; one of all would be slow memory. */
const partHashes = 32_768;
const partBitsMax = 12;

/** The values that occur more than once, sorted. */
function findRepeated(hashes: Uint32Array): Uint32Array {
  const repeated = new Set<number>();
  for (const part of cutIntoParts(hashes)) addRepeated(part, repeated);
  return Uint32Array.from(repeated).sort();
}

/** Equal hashes come into the same part, by their upper bits. */
function cutIntoParts(hashes: Uint32Array): readonly Uint32Array[] {
  const partBits = Math.min(partBitsMax, Math.max(1, Math.ceil(Math.log2(hashes.length / partHashes))));
  const shift = 32 - partBits;
  const ends = new Uint32Array(2 ** partBits);
  for (let index = 0; index < hashes.length; index++) increment(ends, (hashes[index] ?? 0) >>> shift);
  for (let part = 1; part < ends.length; part++) ends[part] = (ends[part] ?? 0) + (ends[part - 1] ?? 0);
  const starts = Uint32Array.from(ends, (_, part) => ends[part - 1] ?? 0);
  const next = starts.slice();
  const sorted = new Uint32Array(hashes.length);
  for (let index = 0; index < hashes.length; index++) {
    const hash = hashes[index] ?? 0;
    sorted[increment(next, hash >>> shift)] = hash;
  }
  return Array.from(starts, (start, part) => sorted.subarray(start, ends[part]));
}

/** Returns what stood there before. */
function increment(counts: Uint32Array, at: number): number {
  const before = counts[at] ?? 0;
  counts[at] = before + 1;
  return before;
}

/** A table with open addressing, at most half full; no hash is 0. */
function addRepeated(hashes: Uint32Array, repeated: Set<number>): void {
  const slotBits = Math.ceil(Math.log2(2 * hashes.length + 2));
  const slots = new Uint32Array(2 ** slotBits);
  const mask = slots.length - 1;
  for (let index = 0; index < hashes.length; index++) {
    const hash = hashes[index] ?? 0;
    let at = hash & mask;
    while (slots[at] !== 0 && slots[at] !== hash) at = (at + 1) & mask;
    if (slots[at] === hash) repeated.add(hash);
    slots[at] = hash;
  }
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

/** Texts gathered before they are hashed. */
const batchBytes = 65_536;

function hashJobs(pool: LazyPool<readonly unknown[]>): Uint32Array {
  const hashes = new Uint32Array(pool.length);
  const lines = new ByteText();
  let hashed = 0;
  for (let index = 0; index < pool.length; ) {
    index = pool.putLines(lines, index);
    if (lines.length < batchBytes && index < pool.length) continue;
    hashLines(lines.bytes, hashes.subarray(hashed, index));
    hashed = index;
    lines.clear();
  }
  return hashes;
}

const [hashStart, lineFeed] = [0x811c9dc5, 10];

/** FNV-1a with the finish of MurmurHash3; not for security: equal hashes are checked against the texts. */
function hashLines(lines: Uint8Array, hashes: Uint32Array): void {
  let line = 0;
  let hash = hashStart;
  for (let at = 0; at < lines.length; at++) {
    const byte = lines[at] ?? 0;
    if (byte !== lineFeed) {
      hash = Math.imul(hash ^ byte, 0x01000193);
      continue;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    // 0 is an empty slot.
    hashes[line++] = hash ^ (hash >>> 16) || 1;
    hash = hashStart;
  }
}
