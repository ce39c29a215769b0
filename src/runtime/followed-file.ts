import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { LineSplitter } from './line-splitter.ts';

const chunkBytes = 1 << 16;
/** Read at one look; the rest at the next one. */
const chunksMax = 256;

/** Reads what is added to a file, also when it is rotated: another file stands in its place then. */
export class FollowedFile {
  readonly #path: string;
  readonly #splitter: LineSplitter;
  readonly #decoder = new TextDecoder();
  #file: number | undefined;
  #position = 0;

  /** `fromBytes`: what stands before has been read. */
  constructor(path: string, fromBytes: number, onLine: (line: string) => void) {
    this.#path = path;
    this.#position = fromBytes;
    this.#splitter = new LineSplitter(onLine, 1 << 24);
    this.#open();
  }

  /** Hands out the lines that have come since the last look. */
  look(): void {
    this.#file ?? this.#open();
    this.#readOn();
    if (!this.#isReplaced()) return;
    // What was written to the old one in between.
    this.#readOn();
    this.close();
    this.#position = 0;
    this.#open();
    this.#readOn();
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): void {
    try {
      this.#file = openSync(this.#path, 'r');
    } catch {
      this.#file = undefined;
    }
  }

  #readOn(): void {
    if (this.#file === undefined) return;
    const buffer = Buffer.alloc(chunkBytes);
    for (let chunk = 0; chunk < chunksMax; chunk++) {
      const bytes = readSync(this.#file, buffer, 0, chunkBytes, this.#position);
      if (bytes === 0) return;
      this.#position += bytes;
      this.#splitter.add(this.#decoder.decode(buffer.subarray(0, bytes), { stream: true }));
    }
  }

  #isReplaced(): boolean {
    if (this.#file === undefined) return false;
    try {
      const [open, named] = [fstatSync(this.#file), statSync(this.#path)];
      return open.ino !== named.ino || named.size < this.#position;
    } catch {
      return false; // It is being rotated at this moment.
    }
  }
}
