import { type JobIndex, jobIndex } from '../core/ids.ts';
import { outputMarkPattern } from './worker/messages.ts';

/** Finds out whose the lines are that a worker's jobs print: it says so in between, where that changes. */
export class PrintedLines {
  readonly #onLine: (text: string, job: JobIndex | undefined) => void;
  #job: JobIndex | undefined;

  /** `onLine` is told no job before the worker has named one. */
  constructor(onLine: (text: string, job: JobIndex | undefined) => void) {
    this.#onLine = onLine;
  }

  add(line: string): void {
    let rest = line;
    for (let mark = outputMarkPattern.exec(rest); mark !== null; mark = outputMarkPattern.exec(rest)) {
      // A job before it did not end its line.
      if (mark.index > 0) this.#onLine(rest.slice(0, mark.index), this.#job);
      this.#job = jobIndex(Number(mark[1]));
      rest = rest.slice(mark.index + mark[0].length);
    }
    this.#onLine(rest, this.#job);
  }
}
