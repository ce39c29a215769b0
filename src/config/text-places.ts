import type { Place } from '../core/diagnostic.ts';

/** Finds line and column of offsets in a text. */
export class TextPlaces {
  readonly #text: string;
  readonly #file: string;
  #starts: readonly number[] | undefined;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  at(offset: number): Place {
    this.#starts ??= [0, ...Array.from(this.#text.matchAll(/\r\n|\n|\r/g), (end) => end.index + end[0].length)];
    const after = this.#starts.findIndex((start) => start > offset);
    const line = after < 0 ? this.#starts.length : after;
    const start = this.#starts[line - 1] ?? 0;
    const text = this.#text.slice(start, this.#starts[line] ?? this.#text.length).replace(/[\r\n]+$/, '');
    return { file: this.#file, line, column: offset - start + 1, text };
  }
}
