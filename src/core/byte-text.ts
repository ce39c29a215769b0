// A job may replace what these hold.
const { max } = Math;
const Bytes = Uint8Array;
const encoder = new TextEncoder();
/** Shorter texts are faster copied character by character than handed to the encoder. */
const shortChars = 48;
/** UTF-8 needs at most so many bytes for one UTF-16 code unit. */
const bytesPerCharMax = 3;
const keptBytesMax = 4 * 1024 ** 2;
const [lineFeed, comma, zero, asciiMax] = [10, 44, 48, 127];

/**
 * Text that grows in UTF-8. Strings that are put together piece by piece cost several times as much when they are
 * flattened, and leave garbage behind.
 */
export class ByteText {
  #bytes: Uint8Array;
  #length = 0;

  constructor(firstBytes = 4_096) {
    this.#bytes = new Uint8Array(firstBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What stands here; a view that the next `put` may change. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    // One huge result must not cost memory for ever.
    if (this.#bytes.length > keptBytesMax) this.#bytes = new Uint8Array(0);
  }

  put(text: string): void {
    const { length } = text;
    this.#reserve(bytesPerCharMax * length);
    if (length > shortChars) {
      this.#encode(text);
      return;
    }
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > asciiMax) {
        this.#encode(text);
        return;
      }
      bytes[at++] = code;
    }
    this.#length = at;
  }

  /** `value`: a whole number. */
  putInteger(value: number): void {
    if (value < 0 || value > 0x7fff_ffff) {
      this.put(`${value}`);
      return;
    }
    this.#reserve(10);
    const end = this.#length + countDigits(value);
    let left = value;
    for (let at = end - 1; at >= this.#length; at--) {
      const tenth = (left / 10) | 0;
      this.#bytes[at] = zero + left - 10 * tenth;
      left = tenth;
    }
    this.#length = end;
  }

  /** Neither NaN nor infinite nor -0. */
  putNumber(value: number): void {
    if (value === (value | 0) && value >= 0) this.putInteger(value);
    else this.put(`${value}`);
  }

  putNumbers(values: readonly number[]): void {
    for (let at = 0; at < values.length; at++) {
      if (at > 0) this.putComma();
      this.putNumber(values[at] ?? 0);
    }
  }

  putComma(): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = comma;
  }

  putLineFeed(): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = lineFeed;
  }

  /** Takes back the last bytes. */
  drop(bytes: number): void {
    this.#length -= bytes;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Puts `head` in front of each of some pieces of `tails`; `ends`: where each ends, in a text in which `tails` begins at `start`. */
  putEach(head: Uint8Array, tails: Uint8Array, ends: Uint32Array, start: number): void {
    const last = ends.length - 1;
    this.#reserve(ends.length * head.length + (ends[last] ?? start) - start);
    const bytes = this.#bytes;
    let at = this.#length;
    let from = 0;
    // Some ten bytes a piece: a loop is quicker than a call of `set`.
    for (let piece = 0; piece <= last; piece++) {
      for (let place = 0; place < head.length; place++) bytes[at++] = head[place] ?? 0;
      const end = (ends[piece] ?? start) - start;
      while (from < end) bytes[at++] = tails[from++] ?? 0;
    }
    this.#length = at;
  }

  #encode(text: string): void {
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Bytes(max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}

/** Bytes are copied several times as fast as a text's characters: for what is put again and again. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

function countDigits(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}
