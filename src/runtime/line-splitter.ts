/** Cuts a stream of text into lines; an endless line is cut at `lineCharsMax`. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #lineCharsMax: number;
  #rest = '';

  constructor(onLine: (line: string) => void, lineCharsMax = 65_536) {
    this.#onLine = onLine;
    this.#lineCharsMax = lineCharsMax;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
    if (this.#rest.length >= this.#lineCharsMax) this.end();
  }

  /** Hands out what is left without a line feed. */
  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }
}
