import { JournalFold } from '../core/journal/fold.ts';
import type { JournalHeader } from '../core/journal/record.ts';
import { checksum } from './checksum.ts';
import { reasonOf } from './file-error.ts';
import { codeOf, type Files, systemFiles, withFile } from './files.ts';

export interface JournalReading {
  readonly fold: JournalFold;
  /** Where the last whole line ends; what follows is a torn piece of a line that never counted. */
  readonly bytes: number;
  readonly tornBytes: number;
  /** Why the file must not be taken for a journal, and not be written to. */
  readonly unusable: string | undefined;
}

/** What a journal is about, by its first line alone; `undefined` where that cannot be read. */
export function readJournalHeader(path: string, files: Files = systemFiles): JournalHeader | undefined {
  const fold = new JournalFold(checksum);
  try {
    for (const line of readJournalLines(path, files)) {
      fold.add(line);
      break;
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
  return fold.header;
}

/** A journal that is there and cannot be read. */
export class UnusableJournal extends Error {
  readonly code = 'UNUSABLE_JOURNAL';
}

/** The fold of a journal that must be readable: this run has written it. */
export function foldOfJournal(path: string, files: Files, untilBytes: number = Number.POSITIVE_INFINITY): JournalFold {
  const { fold, unusable } = readJournal(path, files, untilBytes);
  if (unusable !== undefined) throw new UnusableJournal(`${path} ${unusable}`);
  return fold;
}

const chunkBytes = 1 << 20;
/** How every journal begins, whatever its version. */
const beginning = Buffer.from('{"crc":"');

/** Reads a journal line by line, up to `untilBytes`; one that does not exist is empty. */
export function readJournal(
  path: string,
  files: Files = systemFiles,
  untilBytes: number = Number.POSITIVE_INFINITY,
): JournalReading {
  const fold = new JournalFold(checksum);
  const nothing = { fold, bytes: 0, tornBytes: 0 };
  try {
    return withFile(files, path, 'read', (file) => {
      if (!beginsLikeJournal(files, file)) return { ...nothing, unusable: 'is not a journal of this program' };
      const lines = linesOf(files, file, untilBytes);
      let line = lines.next();
      for (; !line.done; line = lines.next()) fold.add(line.value);
      const { bytes, tornBytes } = line.value;
      return { fold, bytes, tornBytes, unusable: bytes > 0 ? whyNoHeader(fold) : undefined };
    });
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    return { ...nothing, unusable: codeOf(error) === 'ENOENT' ? undefined : `cannot be read: ${reasonOf(error)}` };
  }
}

/**
 * The lines of a journal that has been read before, once more. Each is good until the next; the file is open as long as
 * they are read. `fromBytes` is where a line begins.
 */
export function* readJournalLines(
  path: string,
  files: Files = systemFiles,
  untilBytes: number = Number.POSITIVE_INFINITY,
  fromBytes: number = 0,
): Generator<Uint8Array> {
  const file = files.open(path, 'read');
  try {
    yield* linesOf(files, file, untilBytes, fromBytes);
  } finally {
    files.close(file);
  }
}

interface Extent {
  readonly bytes: number;
  readonly tornBytes: number;
}

function* linesOf(files: Files, file: number, untilBytes: number, fromBytes = 0): Generator<Uint8Array, Extent> {
  const buffer = Buffer.alloc(chunkBytes);
  let [bytes, position] = [fromBytes, fromBytes];
  let rest: Buffer[] = [];
  while (position < untilBytes) {
    const into = buffer.subarray(0, Math.min(chunkBytes, untilBytes - position));
    const chunk = into.subarray(0, files.read(file, into, position));
    if (chunk.length === 0) break;
    position += chunk.length;
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      bytes += line.length + 1;
      from = end + 1;
      yield line;
    }
    if (from < chunk.length) rest.push(Buffer.from(chunk.subarray(from)));
  }
  return { bytes, tornBytes: position - bytes };
}

/** A power cut right after the file was made may leave zeros, or a piece of the first line. */
function beginsLikeJournal(files: Files, file: number): boolean {
  const buffer = Buffer.alloc(chunkBytes);
  const chunk = buffer.subarray(0, files.read(file, buffer, 0));
  const start = chunk.subarray(0, beginning.length);
  return start.equals(beginning.subarray(0, start.length)) || chunk.every((byte) => byte === 0);
}

function whyNoHeader({ header, problems }: JournalFold): string | undefined {
  if (header !== undefined) return undefined;
  const { line, problem } = problems[0] ?? { line: 1, problem: 'no header' };
  return `line ${line}: ${problem}; without its first line nobody knows which experiment it belongs to`;
}
