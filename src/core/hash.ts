import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Hex, hex } from './ids.ts';

/** SHA-256 over texts in UTF-8. Node's is eight times as fast as the pure one and may be given from outside. */
export interface Sha256 {
  update(text: string): void;
  /** In lower-case hex. */
  digest(): string;
}
export type CreateSha256 = () => Sha256;

const createPureSha256: CreateSha256 = () => {
  const hash = sha256.create();
  return { update: (text) => hash.update(utf8ToBytes(text)), digest: () => bytesToHex(hash.digest()) };
};

/** Text gathered before it goes to the hash: one call per job would cost more than the hashing. */
const batchChars = 65_536;

/** SHA-256 over texts, each ended by a line feed, under a tag that keeps one kind of digest from being taken for another. */
export class TextHash {
  readonly #hash: Sha256;
  #text: string;

  constructor(tag: string, createSha256: CreateSha256 = createPureSha256) {
    this.#hash = createSha256();
    this.#text = `${tag}\n`;
  }

  add(text: string): this {
    this.#text += `${text}\n`;
    if (this.#text.length >= batchChars) {
      this.#hash.update(this.#text);
      this.#text = '';
    }
    return this;
  }

  digest(): Hex {
    this.#hash.update(this.#text);
    return hex(this.#hash.digest());
  }
}

/** One digest over few short texts. */
export function hashTexts(tag: string, ...texts: readonly string[]): Hex {
  return hex(bytesToHex(sha256(utf8ToBytes(`${[tag, ...texts].join('\n')}\n`))));
}
