import { isRecord } from '../is-record.ts';
import { DoneBits } from './done-bits.ts';

/** A machine in one of its starts: never used again, so that a machine that was taken for dead is told from its next start. */
export interface Holder {
  readonly token: string;
  readonly machine: string;
}

/**
 * What the log says last of one chunk. Each record holds all that those before it said; it is appended only where the one
 * before it is still the last one, so that nobody overwrites what he has not read:
 *
 *            claim                      claim by another (the holder is gone)
 *   nobody ─────────► held by A ────────────────────────────────────────────► held by B
 *     ▲                 │  more jobs recorded: by A, or by whoever was fenced
 *     └─────────────────┘  released (A stops)                        all bits: done
 */
export interface ChunkRecord {
  /** Who computes what is left; `undefined`: nobody. */
  readonly holder: Holder | undefined;
  /** Who appended this; the jobs that it adds are this machine's. */
  readonly by: Holder;
  readonly done: DoneBits;
  /** Of those done, how many failed. */
  readonly failed: number;
  /** How often it was taken from a machine that did not give it back. */
  readonly losses: number;
  /** The only job that its holder has in hand (its place in the chunk), once machines were lost over this chunk. */
  readonly alone: number | undefined;
  /** How often a machine was lost while it had this one job in hand, by place. */
  readonly suspects: Readonly<Record<string, number>>;
}

export function emptyRecord(by: Holder, size: number): ChunkRecord {
  const [done, failed, losses] = [new DoneBits(size), 0, 0];
  return { holder: undefined, by, done, failed, losses, alone: undefined, suspects: {} };
}

/** From so many losses on the jobs of a chunk go one at a time: one of them may be what ends its machines. */
const lossesMax = 2;
/** A job that ended so many machines is left alone. */
const suspicionMax = 5;

export function runsAlone({ losses }: Pick<ChunkRecord, 'losses'>): boolean {
  return losses > lossesMax;
}

export function isPoison({ suspects }: Pick<ChunkRecord, 'suspects'>, at: number): boolean {
  return (suspects[at] ?? 0) >= suspicionMax;
}

/** The record with which a machine takes a chunk. */
export function claim(last: ChunkRecord, by: Holder): ChunkRecord {
  if (last.holder === undefined || last.holder.token === by.token) return { ...last, holder: by, by };
  const { alone, suspects } = last;
  const blamed = alone === undefined ? suspects : { ...suspects, [alone]: (suspects[alone] ?? 0) + 1 };
  return { ...last, holder: by, by, losses: last.losses + 1, alone: undefined, suspects: blamed };
}

/** The record with which a machine gives back what it has not done. */
export function release(last: ChunkRecord, by: Holder): ChunkRecord {
  return { ...last, holder: undefined, by, alone: undefined };
}

/** More jobs, by their places in the chunk; those that are recorded already are left out. `undefined`: nothing new. */
export function addDone(
  last: ChunkRecord,
  by: Holder,
  places: Iterable<number>,
  hasFailed: (at: number) => boolean,
): ChunkRecord | undefined {
  const done = last.done.copy();
  let failed = last.failed;
  for (const at of places) {
    if (hasFailed(at) && !done.has(at)) failed++;
    done.add(at);
  }
  return done.count === last.done.count ? undefined : { ...last, by, done, failed };
}

export function encodeChunkRecord({ holder, by, done, failed, losses, alone, suspects }: ChunkRecord): string {
  return JSON.stringify({ holder, by, done: done.hex, failed, losses, alone, suspects });
}

/** `size`: how many jobs the chunk has. `undefined`: this was not written by this program. */
export function decodeChunkRecord(text: string, size: number): ChunkRecord | undefined {
  const value = parseObject(text);
  const by = value && decodeHolder(value.by);
  const done = typeof value?.done === 'string' ? DoneBits.parse(value.done, size) : undefined;
  if (value === undefined || by === undefined || done === undefined) return undefined;
  const [failed, losses] = [value.failed, value.losses];
  if (!isCount(failed) || !isCount(losses)) return undefined;
  const alone = isCount(value.alone) ? value.alone : undefined;
  const suspects = isRecord(value.suspects) ? Object.entries(value.suspects).filter(([, count]) => isCount(count)) : [];
  return {
    ...{ holder: decodeHolder(value.holder), by, done, failed, losses, alone },
    suspects: Object.fromEntries(suspects.map(([at, count]) => [at, Number(count)])),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function decodeHolder(value: unknown): Holder | undefined {
  if (!isRecord(value) || typeof value.machine !== 'string') return undefined;
  // It becomes part of a subject.
  if (typeof value.token !== 'string' || !/^[0-9a-f]{8,64}$/.test(value.token)) return undefined;
  return { token: value.token, machine: value.machine };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
