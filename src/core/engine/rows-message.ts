import { isRecord } from '../is-record.ts';

/**
 * Outcomes on their way to the log: the header of the machine's journal, the session that they belong to, then bodies of
 * journal lines (`block`, `outcomes`), each on a line of its own. So every message says by itself what it is about.
 */
export interface RowsMessage {
  readonly headerJson: string;
  readonly sessionJson: string;
  readonly bodies: readonly Uint8Array[];
}

const lineFeed = 0x0a;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** How long the message gets beside its bodies. */
export function rowsOverheadBytes({
  headerJson,
  sessionJson,
}: Pick<RowsMessage, 'headerJson' | 'sessionJson'>): number {
  return encoder.encode(headerJson).length + encoder.encode(sessionJson).length + 2;
}

export function encodeRows({ headerJson, sessionJson, bodies }: RowsMessage): Uint8Array {
  const lines = [encoder.encode(headerJson), encoder.encode(sessionJson), ...bodies];
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + line.length + 1, -1));
  let at = 0;
  for (const line of lines) {
    bytes.set(line, at);
    at += line.length;
    if (at < bytes.length) bytes[at++] = lineFeed;
  }
  return bytes;
}

/** `undefined`: this was not written by this program. */
export function decodeRows(bytes: Uint8Array): RowsMessage | undefined {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, from);
    lines.push(bytes.subarray(from, end < 0 ? bytes.length : end));
    from = end < 0 ? bytes.length : end + 1;
  }
  const [header, session, ...bodies] = lines;
  if (header === undefined || session === undefined) return undefined;
  const [headerJson, sessionJson] = [decoder.decode(header), decoder.decode(session)];
  return isTyped(headerJson, 'journal') && isTyped(sessionJson, 'session')
    ? { headerJson, sessionJson, bodies }
    : undefined;
}

function isTyped(json: string, type: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) && value.type === type;
  } catch {
    return false;
  }
}
