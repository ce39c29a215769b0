import { type Files, writeAll } from './files.ts';

const gatherBytes = 1 << 20;
const longBytes = 1 << 15;

/** Writes that follow upon each other, so many bytes at a time; what is long goes as it is, without a copy. */
export class GatheredWrites {
  readonly #files: Files;
  readonly #file: number;
  #gathered: Uint8Array[] = [];
  #bytes = 0;
  #fromBytes = 0;

  constructor(files: Files, file: number) {
    this.#files = files;
    this.#file = file;
  }

  add(data: Uint8Array, positionBytes: number): void {
    if (data.length >= longBytes) {
      this.write();
      writeAll(this.#files, this.#file, data, positionBytes);
      return;
    }
    if (this.#bytes === 0) this.#fromBytes = positionBytes;
    this.#gathered.push(data);
    this.#bytes += data.length;
    if (this.#bytes >= gatherBytes) this.write();
  }

  write(): void {
    if (this.#bytes === 0) return;
    writeAll(this.#files, this.#file, Buffer.concat(this.#gathered), this.#fromBytes);
    this.#gathered = [];
    this.#bytes = 0;
  }
}
