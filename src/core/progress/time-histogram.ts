/** Steps of a factor of two; one reaches from 1 to 1.19 times a value. */
const stepsPerOctave = 4;
/** From 2^-20 ms (1 ns) to 2^44 ms (557 years). */
const [lowestOctave, highestOctave] = [-20, 44];
const bins = (highestOctave - lowestOctave) * stepsPerOctave;

/** How long jobs took, in logarithmic bins: O(1) to learn, as large for ten jobs as for ten million. */
export class TimeHistogram {
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;
  #count: number;

  constructor(from?: TimeHistogram) {
    this.#counts = from === undefined ? new Float64Array(bins) : from.#counts.slice();
    this.#sums = from === undefined ? new Float64Array(bins) : from.#sums.slice();
    this.#count = from === undefined ? 0 : from.#count;
  }

  get count(): number {
    return this.#count;
  }

  learn(ms: number, jobs = 1): void {
    const bin = binOf(ms);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + jobs;
    this.#sums[bin] = (this.#sums[bin] ?? 0) + ms * jobs;
    this.#count += jobs;
  }

  /** What to ask about jobs that have run for `elapsedMs` already; `undefined` where none took so long. */
  beyond(elapsedMs: number): TimesBeyond | undefined {
    // Some of those in its own bin ended before.
    const from = elapsedMs > 0 ? binOf(elapsedMs) + 1 : 0;
    const upTo = new Float64Array(bins);
    let [count, sum] = [0, 0];
    for (let bin = from; bin < bins; bin++) {
      count += this.#counts[bin] ?? 0;
      sum += this.#sums[bin] ?? 0;
      upTo[bin] = count;
    }
    if (count === 0) return undefined;
    return {
      meanMs: sum / count,
      quantileMs: (part) => {
        let [low, high] = [from, bins - 1];
        while (low < high) {
          const middle = (low + high) >>> 1;
          if ((upTo[middle] ?? 0) > part * count) high = middle;
          else low = middle + 1;
        }
        return (this.#sums[low] ?? 0) / (this.#counts[low] || 1);
      },
    };
  }
}

/** Whole times of jobs, from their beginning. */
export interface TimesBeyond {
  readonly meanMs: number;
  /** `part` from 0 to below 1. */
  readonly quantileMs: (part: number) => number;
}

function binOf(ms: number): number {
  const at = Math.floor((Math.log2(Math.max(ms, 2 ** lowestOctave)) - lowestOctave) * stepsPerOctave);
  return Math.min(bins - 1, at);
}
