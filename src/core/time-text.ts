const msPerSecond = 1_000;

/** Times of day as results spell them: UTC with milliseconds, or seconds since 1970. */
export class TimeSpeller {
  readonly #style: 'iso' | 'unix';
  /** Most times fall into the same second as the one before. */
  #second = Number.NaN;
  #prefix = '';
  #ms = Number.NaN;
  #text = '';

  constructor(style: 'iso' | 'unix') {
    this.#style = style;
  }

  /** `ms`: whole milliseconds since 1970. */
  spell(ms: number): string {
    // A thousand short jobs start in the same millisecond.
    if (ms === this.#ms) return this.#text;
    this.#ms = ms;
    this.#text = this.#spell(ms);
    return this.#text;
  }

  #spell(ms: number): string {
    if (this.#style === 'unix') return String(Math.round(ms) / msPerSecond);
    const second = Math.floor(ms / msPerSecond);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = new Date(second * msPerSecond).toISOString().slice(0, -4);
    }
    const rest = Math.floor(ms - second * msPerSecond);
    return `${this.#prefix}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
  }
}
