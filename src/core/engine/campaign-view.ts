import { type ChunkRecord, isPoison } from './chunk-record.ts';
import type { Chunks } from './chunks.ts';

/**
 * What this machine has heard of all chunks. It may lag behind the log, or be ahead of it by a record that the log refused:
 * whatever hangs on it is to be read from the log first.
 */
export class CampaignView {
  readonly #chunks: Chunks;
  readonly #records = new Map<number, ChunkRecord>();
  readonly #open = new Set<number>();
  #done = 0;
  #failed = 0;

  constructor(chunks: Chunks) {
    this.#chunks = chunks;
    this.forget();
  }

  /** Knows nothing, as at the beginning. */
  forget(): void {
    this.#records.clear();
    for (let chunk = 0; chunk < this.#chunks.count; chunk++) this.#open.add(chunk);
    [this.#done, this.#failed] = [0, 0];
  }

  /** Settled jobs, the failed ones included. */
  get settled(): number {
    return this.#done;
  }

  get failed(): number {
    return this.#failed;
  }

  /** No job is left that anybody would run. */
  get isOver(): boolean {
    return this.#open.size === 0;
  }

  /** Chunks with jobs that are to be run, and what is known of them. */
  *open(): Generator<readonly [chunk: number, record: ChunkRecord | undefined]> {
    for (const chunk of this.#open) yield [chunk, this.#records.get(chunk)];
  }

  recordOf(chunk: number): ChunkRecord | undefined {
    return this.#records.get(chunk);
  }

  /** Places of the order that nobody will run any more: each ended several machines. */
  poisonPlaces(): readonly number[] {
    const places: number[] = [];
    for (const [chunk, record] of this.#records) {
      if (record.done.isFull || this.#open.has(chunk)) continue;
      const { from, to } = this.#chunks.rangeOf(chunk);
      for (let at = 0; at < to - from; at++) if (!record.done.has(at)) places.push(from + at);
    }
    return places;
  }

  /** Takes a record in. One that knows less than the last is passed over. */
  learn(chunk: number, record: ChunkRecord): void {
    const before = this.#records.get(chunk);
    const settled = record.done.count - (before?.done.count ?? 0);
    const failed = record.failed - (before?.failed ?? 0);
    if (settled < 0) return;
    this.#records.set(chunk, record);
    this.#done += settled;
    this.#failed += failed;
    if (isSpent(record)) this.#open.delete(chunk);
  }
}

function isSpent(record: ChunkRecord): boolean {
  if (record.done.isFull) return true;
  // Nearly never there is anybody to suspect.
  if (Object.keys(record.suspects).length === 0) return false;
  for (let at = 0; at < record.done.size; at++) if (!record.done.has(at) && !isPoison(record, at)) return false;
  return true;
}
