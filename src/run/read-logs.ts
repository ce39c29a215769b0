import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { constants, createGunzip } from 'node:zlib';
import { type LogLine, parseLogLine } from '../core/log-line.ts';
import { readJournalHeader } from '../runtime/read-journal.ts';
import { journalPath, logsPath } from '../runtime/run-folder.ts';

/** The log of one machine. */
export interface MachineLog {
  readonly machine: string;
  /** Oldest first; the last one is written to while the run goes on. */
  readonly files: readonly string[];
  /** To be added to its times. */
  readonly offsetMs: number;
}

export interface MergedLine {
  readonly machine: string;
  /** As it stands in the file. */
  readonly text: string;
  /** `undefined`: what stands there is no line of a log. */
  readonly line: LogLine | undefined;
  /** By the common clock. */
  readonly timeMs: number;
}

/** Finds the log of a run folder; `undefined` where there is none. */
export async function findLog(folder: string): Promise<MachineLog | undefined> {
  const logs = logsPath(folder);
  const names = existsSync(logs) ? readdirSync(logs, { withFileTypes: true }) : [];
  const files = names.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name);
  if (files.length === 0) return undefined;
  const paths = files.sort((a, b) => ageOf(b) - ageOf(a) || a.localeCompare(b)).map((name) => join(logs, name));
  const machine = readJournalHeader(journalPath(folder))?.machine ?? basename(folder);
  return { machine, files: paths, offsetMs: await readOffset(paths.at(-1) ?? '') };
}

/** `run.log.3.gz` is older than `run.log.2.gz`, and all are older than `run.log`. */
function ageOf(name: string): number {
  return Number(/\.(\d+)(?:\.gz)?$/.exec(name)?.[1] ?? 0);
}

/** The last that a session said of its clock. */
async function readOffset(path: string): Promise<number> {
  let offsetMs = 0;
  for await (const text of linesOf(path)) {
    if (!text.includes('"type":"run-started"')) continue;
    const ahead = parseLogLine(text)?.rest.diskClockAheadMs;
    offsetMs = typeof ahead === 'number' ? ahead : 0;
  }
  return offsetMs;
}

/**
 * Lines of several machines in the order of their times; of one machine as they stand in its files. The last file of each is
 * read up to its `ends`.
 */
export async function* mergeLogs(logs: readonly MachineLog[], ends: readonly number[]): AsyncGenerator<MergedLine> {
  const heads = await Promise.all(
    logs.map(async (log, at) => {
      const lines = readMachine(log, ends[at] ?? 0);
      return { lines, next: await lines.next() };
    }),
  );
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.next.done) continue;
      if (first === undefined || head.next.value.timeMs < (first.next.value?.timeMs ?? 0)) first = head;
    }
    if (first === undefined || first.next.done) return;
    yield first.next.value;
    first.next = await first.lines.next();
  }
}

/** A line without a time has that of the one before it. */
async function* readMachine(log: MachineLog, endBytes: number): AsyncGenerator<MergedLine, undefined> {
  let timeMs = Number.NEGATIVE_INFINITY;
  for (const path of log.files) {
    for await (const text of linesOf(path, path === log.files.at(-1) ? endBytes : undefined)) {
      const merged = lineOf(log, text, timeMs);
      timeMs = merged.timeMs;
      yield merged;
    }
  }
  return undefined;
}

export function lineOf({ machine, offsetMs }: MachineLog, text: string, beforeMs: number): MergedLine {
  const line = parseLogLine(text);
  return { machine, text, line, timeMs: line?.timeMs === undefined ? beforeMs : line.timeMs + offsetMs };
}

/** A compressed file that is torn ends where it is: that is no failure, which would cost lines before it. */
async function* linesOf(path: string, endBytes?: number): AsyncGenerator<string> {
  if (endBytes === 0) return;
  const file = createReadStream(path, endBytes === undefined ? {} : { end: endBytes - 1 });
  const input = path.endsWith('.gz') ? file.pipe(createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })) : file;
  file.on('error', (error) => input.destroy(error));
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (text !== '') yield text;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  } finally {
    file.destroy();
  }
}
