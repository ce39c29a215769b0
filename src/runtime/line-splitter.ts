/** `isRest`: what stands behind the cut in a line that was too long. */
export type OnLine = (line: string, isRest: boolean) => void;

/** Cuts a stream of text into lines; an endless line is cut at `lineCharsMax`. */
export class LineSplitter {
  readonly #onLine: OnLine;
  readonly #lineCharsMax: number;
  #rest = '';
  #isRest = false;

  constructor(onLine: OnLine, lineCharsMax = 65_536) {
    this.#onLine = onLine;
    this.#lineCharsMax = lineCharsMax;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.#onLine(line, this.#isRest);
      this.#isRest = false;
    }
    if (this.#rest.length < this.#lineCharsMax) return;
    this.end();
    this.#isRest = true;
  }

  /** Hands out what is left without a line feed. */
  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest, this.#isRest);
    this.#rest = '';
  }
}
