import { isRecord } from '../is-record.ts';
import { blockHeadEnd } from './block.ts';

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
  return `${prefix}${spellCrc(checksum(rest))}",${rest}\n`;
}

/** The same of a body that is in UTF-8 already. */
export function encodeSpeltLine(seq: number, body: Uint8Array, checksum: Checksum): readonly Piece[] {
  const start = `"seq":${seq},`;
  const members = body.subarray(1);
  const crc = checksum(members, checksum(start));
  return [`${prefix}${spellCrc(crc)}",${start}`, members, '\n'];
}

/** `line` is one line without its line feed, as text or in UTF-8; anything at all. */
export function decodeLine(line: string | Uint8Array, checksum: Checksum): LineResult {
  return decode(asBytes(line), checksum, (bytes) => utf8.decode(bytes));
}

/** As `decodeLine`, but of a block only the head: many times as fast, and enough to know which jobs are settled. */
export function decodeHead(line: string | Uint8Array, checksum: Checksum): LineResult {
  return decode(asBytes(line), checksum, (bytes) => {
    const end = isBlock(bytes) ? findHeadEnd(bytes) : -1;
    return end < 0 ? utf8.decode(bytes) : `${utf8.decode(bytes.subarray(0, end))}}`;
  });
}

function decode(bytes: Uint8Array, checksum: Checksum, textOf: (bytes: Uint8Array) => string): LineResult {
  const start = asciiOf(bytes, 0, prefixLength);
  if (!start.startsWith(prefix) || !start.endsWith('",')) return { ok: false, problem: 'not a journal line' };
  // Compared as texts: parsing would take `1a2b3c4x` for a number too.
  if (spellCrc(checksum(bytes.subarray(prefixLength))) !== start.slice(prefix.length, -2)) {
    return { ok: false, problem: 'wrong checksum' };
  }
  try {
    const body: unknown = JSON.parse(textOf(bytes));
    if (!isRecord(body) || !isCount(body.seq)) return { ok: false, problem: 'not a journal line' };
    return { ok: true, seq: body.seq, body };
  } catch {
    return { ok: false, problem: 'not JSON' };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();

function asBytes(line: string | Uint8Array): Uint8Array {
  return typeof line === 'string' ? toUtf8.encode(line) : line;
}

/** Bytes beyond ASCII give characters that nothing is compared with. */
function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** Of nothing but `"seq"` and `"type"` can be sure where they stand: right behind the checksum. */
function isBlock(bytes: Uint8Array): boolean {
  return /^"seq":\d+,"type":"block",/.test(asciiOf(bytes, prefixLength, prefixLength + 48));
}

const [comma, quote, a] = [0x2c, 0x22, 0x61];

/** Goes from quote to quote: there are few of them in a head. */
function findHeadEnd(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(quote); at >= 0; at = bytes.indexOf(quote, at + 1)) {
    if (bytes[at - 1] !== comma || bytes[at + 1] !== a) continue;
    if (asciiOf(bytes, at - 1, at - 1 + blockHeadEnd.length) === blockHeadEnd) return at - 1;
  }
  return -1;
}

/** Eight lower-case hex digits. */
export function spellCrc(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
