/** Takes bytes of an answer as they come; each call may be given a view that is used again. */
export type AnswerSink = (bytes: Buffer) => void;

/** Start-up files print a page at most; what is longer is no answer. */
const noiseBytesMax = 1 << 20;
const lineFeed = '\n';

/**
 * Cuts an answer out of what comes over the connection: what stands before its first line, which start-up files printed, is left
 * out, and the last line holds its exit code. All else is handed on as it comes.
 */
export class AnswerReader {
  readonly #first: Buffer;
  readonly #last: Buffer;
  readonly #sink: AnswerSink;
  #held: Buffer = Buffer.alloc(0);
  #hasBegun = false;

  constructor(token: string, sink: AnswerSink) {
    this.#first = Buffer.from(`\n${token}\n`);
    this.#last = Buffer.from(`\n${token} `);
    this.#sink = sink;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  add(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (!this.#hasBegun) this.#skipNoise();
    if (this.#hasBegun) this.#handOn();
  }

  /** The exit code; `undefined` where the answer was cut off. What came instead of an answer is in `noise`. */
  end(): { readonly code: number | undefined; readonly noise: string } {
    if (!this.#hasBegun) return { code: undefined, noise: this.#held.toString('utf8').slice(0, 2_000) };
    const at = this.#held.indexOf(this.#last);
    const [, digits] =
      /^(\d{1,3})\r?\n/.exec(at < 0 ? '' : this.#held.toString('latin1', at + this.#last.length)) ?? [];
    if (digits === undefined) return { code: undefined, noise: '' };
    if (at > 0) this.#sink(this.#held.subarray(0, at));
    return { code: Number(digits), noise: '' };
  }

  #skipNoise(): void {
    const at = this.#held.indexOf(this.#first);
    if (at >= 0) {
      this.#held = this.#held.subarray(at + this.#first.length);
      this.#hasBegun = true;
    } else if (this.#held.length > noiseBytesMax) this.#held = this.#held.subarray(-this.#first.length);
  }

  /** All but what may be the beginning of the last line. */
  #handOn(): void {
    const tailFrom = this.#startOfTail();
    if (tailFrom > 0) this.#sink(this.#held.subarray(0, tailFrom));
    this.#held = this.#held.subarray(tailFrom);
  }

  #startOfTail(): number {
    const full = this.#held.indexOf(this.#last);
    if (full >= 0) return full;
    const from = Math.max(0, this.#held.length - this.#last.length);
    for (let at = this.#held.indexOf(lineFeed, from); at >= 0; at = this.#held.indexOf(lineFeed, at + 1)) {
      if (this.#last.subarray(0, this.#held.length - at).equals(this.#held.subarray(at))) return at;
    }
    return this.#held.length;
  }
}
