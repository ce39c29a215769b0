import { type Files, writeAll } from '../files.ts';

/** A new file that is written from its beginning to its end. */
export class TextFile {
  readonly #files: Files;
  #file: number | undefined;
  #bytes = 0;

  constructor(path: string, files: Files) {
    this.#files = files;
    this.#file = files.open(path, 'create');
  }

  write(data: Uint8Array): void {
    if (this.#file === undefined) throw new Error('Internal error: the file is closed');
    writeAll(this.#files, this.#file, data, this.#bytes);
    this.#bytes += data.length;
  }

  /** Waits until it is on the disk. */
  finish(): void {
    if (this.#file !== undefined) this.#files.sync(this.#file);
    this.close();
  }

  close(): void {
    if (this.#file !== undefined) this.#files.close(this.#file);
    this.#file = undefined;
  }
}
