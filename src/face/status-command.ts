import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { escapeText } from '../core/escape-text.ts';
import { isMovedAside } from '../run/move-aside.ts';
import { type FolderStatus, readFolderStatus } from '../run/status.ts';
import { findFolder } from '../run/three-files.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { exitCodes } from './exit-codes.ts';
import { formatCount, formatDuration, formatRate, formatTimeOfDay } from './format.ts';
import { LiveArea } from './live-area.ts';
import { type Look, lookOf, moreMark, paint, spellBar } from './look.ts';
import { endWithReader } from './lost-terminal.ts';
import { say } from './say.ts';
import { cutToWidth, padToWidth, prepareWidths, widthOf } from './text-width.ts';

export interface StatusFlags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

const lookMs = 1_000;
const barColumns = 20;

/** Says how far the runs of some folders are; returns the exit code. */
export async function statusCommand(given: readonly string[], flags: StatusFlags): Promise<number> {
  const folders = given.length > 0 ? given : findRunFolders();
  if (folders.length === 0) {
    say('There is no run folder here; give some, such as my_experiment.lab1.');
    return exitCodes.usage;
  }
  const show = showStatuses(flags);
  for (;;) {
    const read = folders.map((folder) => readFolderStatus(folder));
    const problems = read.flatMap((one) => ('problem' in one ? [one.problem] : []));
    for (const problem of problems) say(problem);
    if (problems.length > 0) return exitCodes.usage;
    const statuses = read.filter((one): one is FolderStatus => !('problem' in one));
    await show(statuses, []);
    if (flags.watch !== true || statuses.every(({ state }) => state !== 'running')) return exitCodes.done;
    await wait(lookMs);
  }
}

/** A machine of which no run is known, and why. */
export interface OtherMachine {
  readonly machine: string;
  readonly host: string;
  readonly problem: string;
}

type Show = (statuses: readonly FolderStatus[], others: readonly OtherMachine[]) => void;

/** How the flags want runs to be shown; to be called with each look. */
export function showStatuses(flags: StatusFlags): (...look: Parameters<Show>) => Promise<void> {
  endWithReader();
  const show = flags.json === true ? showJson : flags.watch === true && process.stdout.isTTY ? watcher() : showLines;
  return async (statuses, others) => {
    await prepareWidths([...statuses, ...others].map(({ machine }) => machine));
    show(statuses, others);
  };
}

function findRunFolders(): readonly string[] {
  const place = findFolder(process.cwd(), process.execPath);
  const entries = readdirSync(place, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = entries.map(({ name }) => name).filter((name) => !isMovedAside(name));
  const folders = names.map((name) => join(place, name)).filter((folder) => existsSync(journalPath(folder)));
  return folders.sort();
}

/** One object on one line, so that `--watch` gives a stream. */
function showJson(statuses: readonly FolderStatus[], others: readonly OtherMachine[]): void {
  const folders = statuses.map(
    ({ holder, isOfCampaign, rate, readyAtMs, isStopping, running, writtenAtMs, ...about }) => ({
      ...about,
      ...(isOfCampaign && { campaign: true }),
      ...(holder !== undefined && { host: holder.host, pid: holder.pid }),
      ...(rate !== undefined && { jobsPerSecond: rate }),
      ...(readyAtMs !== undefined && { readyAt: new Date(readyAtMs).toISOString() }),
      ...(isStopping && { stopping: true }),
      running: running.map(({ sinceMs, ...job }) => ({ ...job, startedAt: new Date(sinceMs).toISOString() })),
      writtenAt: new Date(writtenAtMs).toISOString(),
    }),
  );
  process.stdout.write(`${JSON.stringify({ jobs: sumOf(statuses), folders, ...(others.length > 0 && { others }) })}\n`);
}

function sumOf(statuses: readonly FolderStatus[]): FolderStatus['jobs'] {
  const sum = { total: 0, done: 0, failed: 0, retried: 0 };
  for (const { jobs } of statuses.filter((one) => !isToldByOther(one, statuses))) {
    for (const name of ['total', 'done', 'failed', 'retried'] as const) sum[name] += jobs[name];
  }
  return sum;
}

/** Of a campaign that goes on, one folder tells what all machines have done; the others would count it again. */
function isToldByOther({ folder, experiment, isOfCampaign }: FolderStatus, all: readonly FolderStatus[]): boolean {
  if (!isOfCampaign) return false;
  const tellers = all.filter((it) => it.isOfCampaign && it.state === 'running' && it.experiment === experiment);
  const settled = ({ jobs }: FolderStatus): number => jobs.done + jobs.failed;
  const [most] = tellers.sort((a, b) => settled(b) - settled(a));
  return most !== undefined && most.folder !== folder;
}

function showLines(statuses: readonly FolderStatus[], others: readonly OtherMachine[]): void {
  const columns = process.stdout.columns > 0 ? process.stdout.columns : 1_000;
  for (const line of spellAll(statuses, others, columns, Date.now())) process.stdout.write(`${line}\n`);
}

function watcher(): Show {
  let last: Parameters<Show> = [[], []];
  const draw = (): void => area.draw(spellAll(...last, process.stdout.columns || 80, Date.now()).slice(0, rowsMax()));
  const rowsMax = (): number => Math.max(1, (process.stdout.rows || 24) - 1);
  const area = new LiveArea(process.stdout, draw);
  // Whoever leaves finds the cursor shown again.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(exitCodes.done));
  return (...look) => {
    last = look;
    draw();
  };
}

/** A line for each folder, and one for all where there are several. */
function spellAll(
  statuses: readonly FolderStatus[],
  others: readonly OtherMachine[],
  columns: number,
  nowMs: number,
): readonly string[] {
  const look = lookOf(process.stdout, process.env);
  const label = Math.max(
    3,
    ...[...statuses, ...others].map(({ machine }) => Math.min(30, widthOf(escapeText(machine)))),
  );
  const lines = statuses.map((status) =>
    spellLine(escapeText(status.machine), label, status.jobs, spellState(status, nowMs), columns, look),
  );
  for (const { machine, problem } of others) {
    const name = padToWidth(cutToWidth(escapeText(machine), label, moreMark(look)), label);
    lines.push(cutToWidth(`${name} ${escapeText(problem)}`, columns - 1, moreMark(look)));
  }
  if (statuses.length < 2) return lines;
  const readyAtMs = Math.max(...statuses.map((one) => one.readyAtMs ?? Number.NaN));
  const isKnown = statuses.every(
    ({ state, readyAtMs: at, isStopping }) => state === 'finished' || (at !== undefined && !isStopping),
  );
  const ready = isKnown && Number.isFinite(readyAtMs) ? spellReady(readyAtMs, nowMs) : [];
  return [...lines, spellLine('all', label, sumOf(statuses), ready, columns, look)];
}

function spellLine(
  name: string,
  label: number,
  { total, done, failed, retried }: FolderStatus['jobs'],
  more: readonly string[],
  columns: number,
  look: Look,
): string {
  const fraction = total === 0 ? 1 : Math.min(1, (done + failed) / total);
  const parts = [`${formatCount(done + failed)}/${formatCount(total)}`];
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  if (retried > 0) parts.push(`${formatCount(retried)} retried`);
  const percent = `${Math.floor(fraction * 100)}%`.padStart(5);
  const start = padToWidth(cutToWidth(name, label, moreMark(look)), label);
  const rest = [...parts, ...more].join(look.hasUnicode ? ' · ' : ', ');
  const room = columns - 1 - label - 1 - barColumns - percent.length - 2;
  if (room < 10) return cutToWidth(`${start}${percent}  ${rest}`, columns - 1, moreMark(look));
  const bar = spellBar(look, fraction, barColumns, 'green');
  const text = cutToWidth(rest, room, moreMark(look));
  return `${start} ${bar}${percent}  ${failed > 0 ? paint(look, 'red', text) : text}`;
}

function spellState(
  { state, rate, readyAtMs, isStopping, running, holder, writtenAtMs }: FolderStatus,
  nowMs: number,
): string[] {
  switch (state) {
    case 'finished':
      return ['finished'];
    case 'stopped':
      return [`stopped, last written ${formatTimeOfDay(writtenAtMs, nowMs)}`];
    case 'running':
      return [
        ...(rate === undefined ? [] : [formatRate(rate)]),
        ...(readyAtMs === undefined ? [] : spellReady(readyAtMs, nowMs, isStopping ? 'stops' : 'ready')),
        `${running.length} running on ${escapeText(holder?.host ?? '')}`,
      ];
  }
}

function spellReady(readyAtMs: number, nowMs: number, end = 'ready'): string[] {
  return [`${formatDuration(readyAtMs - nowMs)} left`, `${end} ${formatTimeOfDay(readyAtMs, nowMs)}`];
}
