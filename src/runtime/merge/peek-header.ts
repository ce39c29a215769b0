import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { JournalFold } from '../../core/journal/fold.ts';
import type { JournalHeader } from '../../core/journal/record.ts';
import { checksum } from '../checksum.ts';
import { codeOf } from '../files.ts';
import { readJournalHeader } from '../read-journal.ts';
import { journalPath } from '../run-folder.ts';

/** The header of what `merge` may be given: a run folder, a journal, a gzipped one. `undefined`: there is none to be read. */
export function peekHeader(given: string): JournalHeader | undefined {
  try {
    const path = statSync(given).isDirectory() ? journalPath(given) : given;
    if (!existsSync(path)) return headerOfGzip(`${path}.gz`);
    return readJournalHeader(path) ?? headerOfGzip(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Compressed, the longest header there can be is shorter. */
const pieceBytes = 65_536;

function headerOfGzip(path: string): JournalHeader | undefined {
  const piece = Buffer.alloc(pieceBytes);
  const file = openSync(path, 'r');
  const length = readSync(file, piece, 0, pieceBytes, 0);
  closeSync(file);
  const text = gunzipSync(piece.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH });
  const end = text.indexOf(10);
  const fold = new JournalFold(checksum);
  if (end >= 0) fold.add(text.subarray(0, end));
  return fold.header;
}
