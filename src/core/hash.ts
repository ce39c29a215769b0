import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { ByteText } from './byte-text.ts';
import { type Hex, hex } from './ids.ts';

/** SHA-256. Node's is eight times as fast as the pure one and may be given from outside. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** In lower-case hex. */
  digest(): string;
}
export type CreateSha256 = () => Sha256;

const createPureSha256: CreateSha256 = () => {
  const hash = sha256.create();
  return { update: (bytes) => hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
};

/** Text gathered before it goes to the hash: one call per job would cost more than the hashing. */
const batchBytes = 65_536;

/** SHA-256 over texts, each ended by a line feed, under a tag that keeps one kind of digest from being taken for another. */
export class TextHash {
  readonly #hash: Sha256;
  /** Where the next texts go, piece by piece, each ended by a line feed; after each, or some of them, `pass`. */
  readonly lines: ByteText = new ByteText();

  constructor(tag: string, createSha256: CreateSha256 = createPureSha256) {
    this.#hash = createSha256();
    this.add(tag);
  }

  add(text: string): this {
    this.lines.put(text);
    this.lines.putLineFeed();
    this.pass();
    return this;
  }

  /** Hashes what stands in `lines`, where it is worth it already. */
  pass(): void {
    if (this.lines.length >= batchBytes) this.#pass();
  }

  digest(): Hex {
    this.#pass();
    return hex(this.#hash.digest());
  }

  #pass(): void {
    this.#hash.update(this.lines.bytes);
    this.lines.clear();
  }
}

/** One digest over few short texts. */
export function hashTexts(tag: string, ...texts: readonly string[]): Hex {
  return hex(bytesToHex(sha256(utf8ToBytes(`${[tag, ...texts].join('\n')}\n`))));
}
