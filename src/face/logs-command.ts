import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { escapeJsonLine, escapeText } from '../core/escape-text.ts';
import { type LogLevel, logLevels } from '../core/log-line.ts';
import { poolSizeOf } from '../run/pool-size.ts';
import { findLog, lineOf, type MachineLog, type MergedLine, mergeLogs } from '../run/read-logs.ts';
import { FollowedFile } from '../runtime/followed-file.ts';
import { exitCodes } from './exit-codes.ts';
import { findFoldersBeside } from './folders-beside.ts';
import { formatDuration } from './format.ts';
import { spellLogLine } from './log-line.ts';
import { type Look, lookOf, paint } from './look.ts';
import { endWithReader } from './lost-terminal.ts';
import type { Program } from './run-command.ts';
import { say } from './say.ts';

export interface LogsFlags {
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly job?: number;
  readonly worker?: number;
  readonly level?: LogLevel;
}

const lookMs = 250;

/** Prints the logs of some run folders, or of all beside the three files, in the order of time; returns the exit code. */
export async function logsCommand(program: Program, given: readonly string[], flags: LogsFlags): Promise<number> {
  endWithReader();
  const folders = given.length > 0 ? given : findFoldersBeside('logs', program);
  if (folders === undefined) return exitCodes.usage;
  const found = await Promise.all(folders.map((folder) => findLog(folder)));
  for (const [at, log] of found.entries()) {
    if (log === undefined)
      say(`${resolve(folders[at] ?? '')} holds no logs; give run folders, such as my_experiment.lab1.`);
  }
  const logs = found.filter((log) => log !== undefined);
  // Of those that were found one may have been copied without its logs; who names a folder wants to see it.
  if (logs.length === 0 || logs.length < given.length) return exitCodes.usage;
  nameOffsets(logs);
  let printed = 0;
  const print = printer(logs.length > 1, flags, () => printed++);
  // What is added while they are read belongs to the second part.
  const ends = logs.map(({ files }) => statSync(files.at(-1) ?? '', { throwIfNoEntry: false })?.size ?? 0);
  for await (const merged of mergeLogs(logs, ends)) await print(merged);
  if (printed === 0) {
    const noJob = findNoJob(folders, flags);
    if (noJob !== undefined || flags.follow !== true) say(noJob ?? spellNothing(flags));
    if (noJob !== undefined) return exitCodes.usage;
  }
  if (flags.follow === true) await follow(logs, ends, print);
  return exitCodes.done;
}

/** Says so where no pool has such a job. */
function findNoJob(folders: readonly string[], { job }: LogsFlags): string | undefined {
  if (job === undefined) return undefined;
  const totals = folders.map((folder) => poolSizeOf(folder) ?? Number.POSITIVE_INFINITY);
  const total = Math.max(...totals);
  if (job < total) return undefined;
  return `There is no job ${job}: the pool has ${total === 1 ? 'only job 0' : `jobs 0 to ${total - 1}`}.`;
}

function spellNothing({ job, worker, level }: LogsFlags): string {
  if (job === undefined && worker === undefined && level === undefined) return 'The logs are empty.';
  const what = [
    ...(job === undefined ? [] : [`job ${job}`]),
    ...(worker === undefined ? [] : [`worker ${worker}`]),
    ...(level === undefined ? [] : [`level ${level} and above`]),
  ];
  const why = job === undefined ? '' : ' (a job that succeeds and prints nothing leaves none)';
  return `No line of the logs is of ${what.join(', ')}${why}.`;
}

/** Whose clock went wrong is said, because times here are not those in the files then. */
function nameOffsets(logs: readonly MachineLog[]): void {
  for (const { machine, offsetMs } of logs) {
    if (offsetMs === 0) continue;
    const how = `${(Math.abs(offsetMs) / 1_000).toFixed(2)} s ${offsetMs > 0 ? 'slow' : 'fast'}`;
    const long = Math.abs(offsetMs) > 60_000 ? ` (${formatDuration(Math.abs(offsetMs))})` : '';
    say(`${escapeText(machine)}: its clock is ${how}${long} by that of the disk; its times are corrected here.`);
  }
}

async function follow(
  logs: readonly MachineLog[],
  ends: readonly number[],
  print: (line: MergedLine) => Promise<void>,
): Promise<never> {
  let gathered: MergedLine[] = [];
  const files = logs.map((log, at) => {
    let timeMs = Date.now();
    return new FollowedFile(log.files.at(-1) ?? '', ends[at] ?? 0, (text) => {
      const merged = lineOf(log, text, timeMs);
      timeMs = merged.timeMs;
      gathered.push(merged);
    });
  });
  for (;;) {
    for (const file of files) file.look();
    gathered.sort((a, b) => a.timeMs - b.timeMs);
    for (const merged of gathered) await print(merged);
    gathered = [];
    await wait(lookMs);
  }
}

function printer(isMany: boolean, flags: LogsFlags, onPrinted: () => void): (line: MergedLine) => Promise<void> {
  const look = lookOf(process.stdout, process.env);
  return async (merged) => {
    if (!isWanted(merged, flags)) return;
    onPrinted();
    const text = flags.json === true ? spellJson(merged) : spellPretty(merged, isMany, look);
    if (!process.stdout.write(`${text}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  };
}

function isWanted({ line }: MergedLine, { job, worker, level }: LogsFlags): boolean {
  if (line === undefined) return job === undefined && worker === undefined && level === undefined;
  return (
    (job === undefined || line.jobs.includes(job)) &&
    (worker === undefined || line.worker === worker) &&
    (level === undefined || line.level >= logLevels[level])
  );
}

/** The line as it stands in the file, with its machine in front. */
function spellJson({ machine, text, line }: MergedLine): string {
  const start = `{"machine":${JSON.stringify(machine)},`;
  return escapeJsonLine(
    line === undefined ? `${start}"damaged":${JSON.stringify(text)}}` : start + text.trimStart().slice(1),
  );
}

/** `2026-08-01 14:02:03.123  lab1  worker 3  job 17  info  …`, local time. */
function spellPretty({ machine, text, line, timeMs }: MergedLine, isMany: boolean, look: Look): string {
  const parts = [paint(look, 'dim', spellTime(timeMs))];
  if (isMany) parts.push(escapeText(machine));
  if (line === undefined) return [...parts, `(damaged) ${escapeText(text)}`].join('  ');
  if (line.worker !== undefined) parts.push(`worker ${line.worker}`);
  if (line.jobs.length === 1) parts.push(`job ${line.jobs[0]}`);
  const said = escapeText(spellLogLine(line));
  parts.push(line.level >= logLevels.error ? paint(look, 'red', said) : said);
  return parts.join('  ');
}

function spellTime(timeMs: number): string {
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8e15) return '-';
  const at = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${day} ${time}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
