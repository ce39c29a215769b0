import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Hex, hex } from './ids.ts';

/** Text gathered before it goes to the hash: one call per job would cost more than the hashing. */
const batchChars = 65_536;

/** SHA-256 over texts, each ended by a line feed, under a tag that keeps one kind of digest from being taken for another. */
export class TextHash {
  readonly #hash = sha256.create();
  #parts: string[] = [];
  #chars = 0;

  constructor(tag: string) {
    this.add(tag);
  }

  add(text: string): this {
    this.#parts.push(text);
    this.#chars += text.length + 1;
    if (this.#chars >= batchChars) this.#flush();
    return this;
  }

  digest(): Hex {
    this.#flush();
    return hex(bytesToHex(this.#hash.digest()));
  }

  #flush(): void {
    if (this.#parts.length === 0) return;
    this.#hash.update(utf8ToBytes(`${this.#parts.join('\n')}\n`));
    this.#parts = [];
    this.#chars = 0;
  }
}

export function hashTexts(tag: string, ...texts: readonly string[]): Hex {
  const hash = new TextHash(tag);
  for (const text of texts) hash.add(text);
  return hash.digest();
}
