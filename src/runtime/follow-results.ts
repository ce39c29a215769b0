import { crc32 } from 'node:zlib';
import { spellCrc } from '../core/journal/line.ts';
import type { Files } from './files.ts';
import type { ResultsPiece } from './results-text.ts';

const chunkBytes = 1 << 20;

/**
 * Goes along a file as long as it holds these pieces, in their order; hands out what is missing at its end, where it ends
 * too early. Returns their length; `undefined` where the file holds something else, or more.
 */
export function followResults(
  files: Files,
  file: number,
  pieces: Iterable<ResultsPiece>,
  onMissing: (data: Uint8Array, positionBytes: number) => void,
): number | undefined {
  const there = new FileAhead(files, file);
  let bytes = 0;
  for (const piece of pieces) {
    const { proof } = piece;
    if (proof !== undefined && proof.bytes <= there.leftBytes) {
      if (spellCrc(there.checksum(proof.bytes)) === proof.crc) {
        bytes += proof.bytes;
        continue;
      }
      // Rows of other widths than the first one's were spelt anew when they were written: the text itself decides.
      there.goTo(bytes);
    }
    const data = piece.spell();
    const known = Math.min(data.length, there.leftBytes);
    if (!there.holds(data.subarray(0, known))) return undefined;
    if (known < data.length) onMissing(data.subarray(known), bytes + known);
    bytes += data.length;
  }
  return there.leftBytes > 0 ? undefined : bytes;
}

/** A file as it is at the beginning, read from there on, a chunk at a time. */
class FileAhead {
  readonly #files: Files;
  readonly #file: number;
  readonly #buffer = Buffer.alloc(chunkBytes);
  /** Of the buffer: read, and not looked at yet. */
  #from = 0;
  #to = 0;
  #position = 0;
  #leftBytes: number;

  constructor(files: Files, file: number) {
    this.#files = files;
    this.#file = file;
    this.#leftBytes = files.sizeBytes(file);
  }

  get leftBytes(): number {
    return this.#leftBytes;
  }

  /** Back to where a piece began. */
  goTo(positionBytes: number): void {
    this.#leftBytes += this.#position - (this.#to - this.#from) - positionBytes;
    this.#position = positionBytes;
    this.#from = this.#to = 0;
  }

  /** CRC-32 of the next bytes. */
  checksum(bytes: number): number {
    let sum = 0;
    this.#walk(bytes, (chunk) => {
      sum = crc32(chunk, sum);
      return true;
    });
    return sum;
  }

  /** Whether the next bytes are these. */
  holds(data: Uint8Array): boolean {
    return this.#walk(data.length, (chunk, at) => chunk.equals(data.subarray(at, at + chunk.length)));
  }

  #walk(bytes: number, see: (chunk: Buffer, at: number) => boolean): boolean {
    let isFine = true;
    for (let at = 0; at < bytes; ) {
      if (this.#from === this.#to && !this.#read()) return false;
      const chunk = this.#buffer.subarray(this.#from, Math.min(this.#to, this.#from + bytes - at));
      isFine &&= see(chunk, at);
      at += chunk.length;
      this.#from += chunk.length;
      this.#leftBytes -= chunk.length;
    }
    return isFine;
  }

  #read(): boolean {
    this.#from = 0;
    this.#to = this.#files.read(this.#file, this.#buffer, this.#position);
    this.#position += this.#to;
    // Somebody has cut it meanwhile: nothing of it is believed.
    return this.#to > 0;
  }
}
