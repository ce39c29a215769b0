/** Lines that are shown between two frames; who prints more reads it in the log. */
const linesMax = 200;

/** Lines that wait to be shown above the board. */
export class Tail {
  #lines: string[] = [];
  #skipped = 0;

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length <= 2 * linesMax) return;
    this.#lines = this.#lines.slice(-linesMax);
    this.#skipped += linesMax + 1;
  }

  /** What there is, each line with its line feed. */
  take(): string {
    const shown = this.#lines.slice(-linesMax);
    const skipped = this.#skipped + this.#lines.length - shown.length;
    this.#lines = [];
    this.#skipped = 0;
    const note = skipped === 0 ? '' : `(${skipped} lines are not shown here; they are in the log)\n`;
    return note + shown.map((line) => `${line}\n`).join('');
  }
}
