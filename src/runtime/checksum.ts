import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Sha256 } from '../core/hash.ts';

/** CRC-32 of the text in UTF-8, going on from that of what stands before it. */
export function checksum(text: string | Uint8Array, before: number = 0): number {
  return crc32(text, before);
}

/** Node's SHA-256, for the core's larger digests. */
export function createNodeSha256(): Sha256 {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
}
