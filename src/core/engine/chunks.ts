/** How a pool is cut for the queue; all machines of a campaign go by the same. */
export interface ChunkCut {
  /** Jobs of the whole pool. */
  readonly total: number;
  /** The largest chunk. */
  readonly jobsMax: number;
  /** A chunk is at most this part of what is left when it is cut: `parts` machines could each take one. */
  readonly parts: number;
}

/** Places of the plan's order: `from` (included) to `to` (not). */
export interface ChunkRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Guided self-scheduling (Polychronopoulos and Kuck, 1987), cut beforehand: chunks are large as long as much is left and
 * shrink towards single jobs, so that idle cores share what is left at the end, however slow one of the machines is.
 */
export class Chunks {
  /** Where each begins; behind the last one, where all end. */
  readonly #starts: Uint32Array;

  constructor({ total, jobsMax, parts }: ChunkCut) {
    const starts: number[] = [];
    let place = 0;
    while (place < total) {
      starts.push(place);
      place += Math.min(jobsMax, Math.max(1, Math.ceil((total - place) / parts)));
    }
    this.#starts = Uint32Array.from([...starts, total]);
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  rangeOf(chunk: number): ChunkRange {
    const [from, to] = [this.#starts[chunk], this.#starts[chunk + 1]];
    if (from === undefined || to === undefined) throw new Error(`Internal error: no chunk ${chunk}`);
    return { from, to };
  }

  sizeOf(chunk: number): number {
    const { from, to } = this.rangeOf(chunk);
    return to - from;
  }

  /** Which chunk a place of the order belongs to. */
  chunkAt(place: number): number {
    let [from, to] = [0, this.count];
    while (from + 1 < to) {
      const middle = (from + to) >>> 1;
      if ((this.#starts[middle] ?? 0) <= place) from = middle;
      else to = middle;
    }
    return from;
  }
}
