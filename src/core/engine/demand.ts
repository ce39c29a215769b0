/** So much work lies ready besides what runs: the way to the server and back is short against it. */
const readyMs = 500;
/** What a job costs beside its own time. */
const costMs = 0.005;
/** How much of what was learnt before counts when more is learnt. */
const memory = 0.5;

/** How many jobs a machine should have taken from the queue: one for each core, and what short ones need on top. */
export class Demand {
  readonly #cores: number;
  #jobs = 0;
  #sumMs = 0;

  constructor(cores: number) {
    this.#cores = cores;
  }

  /** So many jobs took so long together. */
  learn(jobs: number, sumMs: number): void {
    this.#jobs = memory * this.#jobs + jobs;
    this.#sumMs = memory * this.#sumMs + sumMs;
  }

  /** How many jobs are to be fetched, where so many are taken and not settled. */
  wanted(outstanding: number): number {
    // Of long jobs not one more than can run: what waits here, another machine could run now.
    const ready = this.#jobs === 0 ? 0 : (this.#cores * readyMs) / (this.#sumMs / this.#jobs + costMs);
    return Math.max(0, this.#cores + Math.floor(ready) - outstanding);
  }
}
