import { isRecord } from '../is-record.ts';

/**
 * One line of a journal: `{"crc":"1a2b3c4d","seq":17,"type":…}`. The checksum is CRC-32 (ISO 3309, as in zlib) of
 * the UTF-8 text from `"seq"` to the closing brace; `seq` counts the lines from 0, so that a lost line is noticed.
 */

/** CRC-32 of a text in UTF-8; given from outside, because the fast one is Node's. `before`: that of the text in front of it. */
export type Checksum = (text: string | Uint8Array, before?: number) => number;

/** Text to be written: as a string, or in UTF-8 already. */
export type Piece = string | Uint8Array;

export type LineResult =
  | { readonly ok: true; readonly seq: number; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: string };

const prefix = '{"crc":"';
const prefixLength = prefix.length + 8 + 2;

/** `bodyJson` is the JSON text of an object with at least one member. Returns the line with its line feed. */
export function encodeLine(seq: number, bodyJson: string, checksum: Checksum): string {
  const rest = `"seq":${seq},${bodyJson.slice(1)}`;
  return `${prefix}${spell(checksum(rest))}",${rest}\n`;
}

/** The same of a body that is in UTF-8 already. */
export function encodeSpeltLine(seq: number, body: Uint8Array, checksum: Checksum): readonly Piece[] {
  const start = `"seq":${seq},`;
  const members = body.subarray(1);
  const crc = checksum(members, checksum(start));
  return [`${prefix}${spell(crc)}",${start}`, members, '\n'];
}

/** `text` is one line without its line feed; any text at all. */
export function decodeLine(text: string, checksum: Checksum): LineResult {
  if (!text.startsWith(prefix) || text.slice(prefixLength - 2, prefixLength) !== '",') {
    return { ok: false, problem: 'not a journal line' };
  }
  // Compared as texts: parsing would take `1a2b3c4x` for a number too.
  if (spell(checksum(text.slice(prefixLength))) !== text.slice(prefix.length, prefixLength - 2)) {
    return { ok: false, problem: 'wrong checksum' };
  }
  try {
    const body: unknown = JSON.parse(text);
    if (!isRecord(body) || !isCount(body.seq)) return { ok: false, problem: 'not a journal line' };
    return { ok: true, seq: body.seq, body };
  } catch {
    return { ok: false, problem: 'not JSON' };
  }
}

function spell(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
