import { crc32 } from 'node:zlib';

/** CRC-32 of the text in UTF-8. */
export function checksum(text: string): number {
  return crc32(text);
}
