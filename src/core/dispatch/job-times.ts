/** Answers that one window holds; those of one block stay together. */
const windowJobs = 256;

/**
 * How long a job may take: the longest of the last 256 to 512 jobs of this session. Deliberately on the safe side,
 * because it decides what may still be started before a point in time. O(1) for each answer.
 */
export class JobTimes {
  #before: number | undefined;
  #now: number | undefined;
  #count = 0;

  /** `priorMs`: what earlier sessions or a sample say; forgotten once a window of own answers is full. */
  constructor(priorMs: number | undefined) {
    this.#before = priorMs;
  }

  /** So many jobs, the longest of which took `runMs`. */
  learn(runMs: number, jobs: number): void {
    this.#now = Math.max(this.#now ?? 0, runMs);
    this.#count += jobs;
    if (this.#count < windowJobs) return;
    this.#before = this.#now;
    this.#now = undefined;
    this.#count = 0;
  }

  /** `undefined` as long as nothing is known. */
  get longestMs(): number | undefined {
    if (this.#before === undefined) return this.#now;
    return Math.max(this.#before, this.#now ?? 0);
  }
}
