/** What happened in a seed that is replayed; says nothing, and costs nothing, otherwise. */
export class Trace {
  readonly #write: ((line: string) => void) | undefined;
  #prefix: () => string = () => '';

  constructor(write: ((line: string) => void) | undefined) {
    this.#write = write;
  }

  at(prefix: () => string): void {
    this.#prefix = prefix;
  }

  say(line: () => string): void {
    this.#write?.(`${this.#prefix()} ${line()}`);
  }
}
