import { hex } from '../ids.ts';
import type { JournalSession } from './record.ts';

/** Stands for the session of outcomes whose session line is damaged: they count all the same. */
const unknownSession: JournalSession = {
  startedAtMs: 0,
  codeFingerprint: hex('unknown'),
  host: 'unknown',
  pid: 0,
  cores: 0,
  target: 'unknown',
  versions: {},
};

/** The sessions of a journal by the lines that belong to them. */
export class Sessions {
  readonly list: JournalSession[] = [];
  /** Where each begins, ascending. */
  readonly #lines: number[] = [];

  open(session: JournalSession, line: number): void {
    this.list.push(session);
    this.#lines.push(line);
  }

  /** The session that a line was written in. */
  of(line: number): JournalSession {
    let [from, to] = [0, this.#lines.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#lines[middle] ?? 0) <= line) from = middle + 1;
      else to = middle;
    }
    return this.list[from - 1] ?? unknownSession;
  }
}
