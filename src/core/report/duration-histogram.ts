/** Buckets per doubling: a bucket is 4.4 % wide, so a quantile is right to half of that. */
const bucketsPerDoubling = 16;
/** What is measured ends at a microsecond. */
const shortestMs = 0.001;
/** A thousand years. */
const longestMs = 1_000 * 365 * 86_400_000;

export interface Bucket {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** How long jobs took, in a logarithmic histogram of bounded size; sums, least and greatest are exact. */
export class DurationHistogram {
  readonly #buckets = new Map<number, number>();
  count = 0;
  sumMs = 0;
  minMs: number = Number.POSITIVE_INFINITY;
  maxMs = 0;
  /** Welford's sum of squared deviations from the mean. */
  #squares = 0;

  get meanMs(): number | undefined {
    return this.count === 0 ? undefined : this.sumMs / this.count;
  }

  /** Standard error of the mean; `undefined` below two jobs. */
  get errorMs(): number | undefined {
    return this.count < 2 ? undefined : Math.sqrt(this.#squares / (this.count - 1) / this.count);
  }

  /** `ms`: finite, not below 0. */
  add(ms: number): void {
    const meanBefore = this.count === 0 ? 0 : this.sumMs / this.count;
    this.count++;
    this.sumMs += ms;
    this.#squares += (ms - meanBefore) * (ms - this.sumMs / this.count);
    this.minMs = Math.min(this.minMs, ms);
    this.maxMs = Math.max(this.maxMs, ms);
    const bucket = bucketOf(ms);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  /** The time that a part `share` (0 to 1) of the jobs did not exceed; `undefined` where there are none. */
  quantileMs(share: number): number | undefined {
    if (this.count === 0) return undefined;
    const wanted = Math.max(1, Math.ceil(share * this.count));
    let before = 0;
    for (const [bucket, count] of this.#ascending()) {
      before += count;
      if (before >= wanted)
        return Math.min(this.maxMs, Math.max(this.minMs, 2 ** ((bucket + 0.5) / bucketsPerDoubling)));
    }
    return this.maxMs;
  }

  /** How many jobs lie in `[fromMs, toMs)`; both must be bounds of buckets, as `cutBuckets` gives them. */
  countWithin({ fromMs, toMs }: Pick<Bucket, 'fromMs' | 'toMs'>): number {
    const [from, to] = [fromMs, toMs].map((ms) => Math.round(Math.log2(ms) * bucketsPerDoubling));
    let sum = 0;
    for (let bucket = from ?? 0; bucket < (to ?? 0); bucket++) sum += this.#buckets.get(bucket) ?? 0;
    return sum;
  }

  #ascending(): readonly (readonly [number, number])[] {
    return [...this.#buckets].sort(([a], [b]) => a - b);
  }
}

function bucketOf(ms: number): number {
  return Math.floor(Math.log2(Math.min(longestMs, Math.max(shortestMs, ms))) * bucketsPerDoubling);
}

/** Cuts the time from the shortest to the longest of some jobs into at most `most` buckets, equally wide in the logarithm. */
export function cutBuckets(minMs: number, maxMs: number, most: number): readonly Omit<Bucket, 'count'>[] {
  const [first, last] = [bucketOf(minMs), bucketOf(maxMs)];
  const step = Math.ceil((last - first + 1) / most);
  const boundOf = (bucket: number): number => 2 ** (bucket / bucketsPerDoubling);
  const buckets: Omit<Bucket, 'count'>[] = [];
  for (let from = first; from <= last; from += step)
    buckets.push({ fromMs: boundOf(from), toMs: boundOf(from + step) });
  return buckets;
}
