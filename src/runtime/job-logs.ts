import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JobIndex } from '../core/ids.ts';

/** With `all`, what is kept of a job until it is written; with `failed`, of a job that may still succeed. */
const keptCharsMax = { all: 64 * 1024, failed: 1024 ** 2 } as const;

/** A file per job, `jobs/17.log`, of those that say anything: of all, or only of those that failed in the end. */
export class JobLogs {
  readonly #folder: string;
  readonly #mode: 'all' | 'failed';
  readonly #kept = new Map<JobIndex, string[]>();
  readonly #keptChars = new Map<JobIndex, number>();

  constructor(folder: string, mode: 'all' | 'failed') {
    this.#folder = folder;
    this.#mode = mode;
  }

  add(job: JobIndex, line: string): void {
    const lines = this.#kept.get(job) ?? [];
    lines.push(line);
    this.#kept.set(job, lines);
    const chars = (this.#keptChars.get(job) ?? 0) + line.length;
    this.#keptChars.set(job, chars);
    if (chars <= keptCharsMax[this.#mode]) return;
    if (this.#mode === 'all') this.#write(job);
    else this.#dropOldest(job, lines, chars);
  }

  /** The last lines before a failure tell most. Half of them go at once, so that this is seldom. */
  #dropOldest(job: JobIndex, lines: string[], chars: number): void {
    let left = chars;
    let dropped = 0;
    while (left > keptCharsMax.failed / 2 && dropped < lines.length) left -= lines[dropped++]?.length ?? 0;
    lines.splice(0, dropped);
    this.#keptChars.set(job, left);
  }

  succeeded(jobs: readonly JobIndex[]): void {
    if (this.#kept.size === 0) return;
    for (const job of jobs) {
      if (this.#mode === 'all') this.#write(job);
      else this.#forget(job);
    }
  }

  failed(job: JobIndex): void {
    this.#write(job);
  }

  close(): void {
    for (const job of [...this.#kept.keys()]) this.#write(job);
  }

  /** What cannot be written is in the log of all. */
  #write(job: JobIndex): void {
    const lines = this.#kept.get(job);
    this.#forget(job);
    if (lines === undefined) return;
    try {
      mkdirSync(this.#folder, { recursive: true });
      appendFileSync(join(this.#folder, `${job}.log`), lines.join(''));
    } catch {
      return;
    }
  }

  #forget(job: JobIndex): void {
    this.#kept.delete(job);
    this.#keptChars.delete(job);
  }
}
