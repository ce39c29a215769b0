import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Sha256 } from '../core/hash.ts';

/** CRC-32 of a text in UTF-8, or of bytes. */
export function checksum(data: string | Uint8Array): number {
  return crc32(data);
}

/** Node's SHA-256, for the core's larger digests. */
export function createNodeSha256(): Sha256 {
  const hash = createHash('sha256');
  return { update: (text) => void hash.update(text), digest: () => hash.digest('hex') };
}
