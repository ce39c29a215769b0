/** Which jobs of a chunk are recorded: one bit for each, by its place in the chunk. */
export class DoneBits {
  readonly size: number;
  readonly #bytes: Uint8Array;
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.#bytes = new Uint8Array(Math.ceil(size / 8));
  }

  /** Reads what `hex` wrote; `undefined`: it is about another number of jobs. */
  static parse(text: string, size: number): DoneBits | undefined {
    const bits = new DoneBits(size);
    if (!/^[0-9a-f]*$/.test(text) || text.length !== 2 * bits.#bytes.length) return undefined;
    for (let at = 0; at < bits.#bytes.length; at++) {
      const byte = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
      bits.#bytes[at] = byte;
      bits.#count += countOnes(byte);
    }
    // Bits behind the last job would be counted.
    const last = bits.#bytes.at(-1) ?? 0;
    return size % 8 > 0 && last >> (size % 8) > 0 ? undefined : bits;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.size;
  }

  has(at: number): boolean {
    return (((this.#bytes[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
  }

  add(at: number): void {
    if (this.has(at)) return;
    this.#bytes[at >> 3] = (this.#bytes[at >> 3] ?? 0) | (1 << (at & 7));
    this.#count++;
  }

  copy(): DoneBits {
    const bits = new DoneBits(this.size);
    bits.#bytes.set(this.#bytes);
    bits.#count = this.#count;
    return bits;
  }

  get hex(): string {
    return Array.from(this.#bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}

function countOnes(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count++;
  return count;
}
