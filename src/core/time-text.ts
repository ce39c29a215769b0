// A job may replace what it holds.
const { floor, round } = Math;

const msPerSecond = 1_000;

/** Times of day as results spell them: UTC with milliseconds, or seconds since 1970. */
export class TimeSpeller {
  readonly #style: 'iso' | 'unix';
  /** Most times fall into the same second as the one before. */
  #second = Number.NaN;
  #prefix = '';
  /** Merged results come in the order of the pool: from one second to any other. */
  #day = Number.NaN;
  #date = '';

  constructor(style: 'iso' | 'unix') {
    this.#style = style;
  }

  /** `ms`: whole milliseconds since 1970. */
  spell(ms: number): string {
    if (this.#style === 'unix') return `${round(ms) / msPerSecond}`;
    const second = floor(ms / msPerSecond);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = this.#prefixOf(second);
    }
    const rest = floor(ms - second * msPerSecond);
    return `${this.#prefix}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
  }

  /** Up to the point before the milliseconds. */
  #prefixOf(second: number): string {
    const day = floor(second / secondsPerDay);
    if (day !== this.#day) {
      this.#day = day;
      this.#date = new Date(day * secondsPerDay * msPerSecond).toISOString().slice(0, -'00:00:00.000Z'.length);
    }
    const rest = second - day * secondsPerDay;
    const minute = floor(rest / 60);
    return `${this.#date}${twoDigits[floor(minute / 60)]}:${twoDigits[minute % 60]}:${twoDigits[rest % 60]}.`;
  }
}

const secondsPerDay = 86_400;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
