import { type ChunkRecord, decodeChunkRecord, type Holder } from '../../core/engine/chunk-record.ts';
import type { Chunks } from '../../core/engine/chunks.ts';
import type { JobOrder } from '../../core/order.ts';
import type { CampaignLog } from '../../runtime/engine/campaign-log.ts';

/** Who recorded which job, by the whole log: each job is recorded by exactly one start of one machine. */
export class RecordedBy {
  readonly starts: Holder[] = [];
  /** The last record of each chunk. */
  readonly last: Map<number, ChunkRecord> = new Map();
  readonly #chunks: Chunks;
  readonly #order: JobOrder;
  /** By job: number of the start, from 1; 0: nobody. */
  readonly #by: Uint32Array;
  readonly #numbers = new Map<string, number>();

  constructor(chunks: Chunks, order: JobOrder) {
    this.#chunks = chunks;
    this.#order = order;
    this.#by = new Uint32Array(order.length);
  }

  static async read(log: CampaignLog, chunks: Chunks, order: JobOrder): Promise<RecordedBy> {
    const recorded = new RecordedBy(chunks, order);
    for await (const { subject, bytes } of log.read(log.names.allChunks, 'all')) {
      const chunk = log.names.chunkOf(subject);
      if (chunk === undefined || chunk >= chunks.count) continue;
      const record = decodeChunkRecord(new TextDecoder().decode(bytes), chunks.sizeOf(chunk));
      if (record !== undefined) recorded.add(chunk, record);
    }
    return recorded;
  }

  /** In the order of the log. */
  add(chunk: number, record: ChunkRecord): void {
    const before = this.last.get(chunk)?.done;
    const number = this.#numberOf(record.by);
    const { from } = this.#chunks.rangeOf(chunk);
    for (let at = 0; at < record.done.size; at++) {
      if (record.done.has(at) && before?.has(at) !== true) this.#by[this.#order.at(from + at) ?? 0] = number;
    }
    this.last.set(chunk, record);
  }

  /** Whether this start recorded the job. */
  isBy(token: string, job: number): boolean {
    const number = this.#numbers.get(token);
    return number !== undefined && this.#by[job] === number;
  }

  get settled(): number {
    return this.#by.reduce((sum, number) => sum + (number > 0 ? 1 : 0), 0);
  }

  /** How many jobs each start recorded, in the order of `starts`. */
  counts(): readonly number[] {
    const counts = this.starts.map(() => 0);
    for (const number of this.#by) if (number > 0) counts[number - 1] = (counts[number - 1] ?? 0) + 1;
    return counts;
  }

  #numberOf(start: Holder): number {
    const known = this.#numbers.get(start.token);
    if (known !== undefined) return known;
    this.starts.push(start);
    this.#numbers.set(start.token, this.starts.length);
    return this.starts.length;
  }
}
