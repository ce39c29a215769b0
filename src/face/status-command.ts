import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { experimentsOf, sumOf } from '../run/experiments-of.ts';
import { isMovedAside } from '../run/move-aside.ts';
import { type FolderStatus, readFolderStatus } from '../run/status.ts';
import { findFolder } from '../run/three-files.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { endProgram } from './end-program.ts';
import { exitCodes } from './exit-codes.ts';
import { LiveArea } from './live-area.ts';
import { lookOf } from './look.ts';
import { endWithReader } from './lost-terminal.ts';
import { say } from './say.ts';
import { type OtherMachine, spellStatuses } from './status-lines.ts';
import { prepareWidths } from './text-width.ts';

export interface StatusFlags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

const lookMs = 1_000;

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

type Show = (statuses: readonly FolderStatus[], others: readonly OtherMachine[]) => void;

/** How the flags want runs to be shown; to be called with each look. */
export function showStatuses(flags: StatusFlags): (...look: Parameters<Show>) => Promise<void> {
  endWithReader();
  const show = flags.json === true ? showJson : flags.watch === true && process.stdout.isTTY ? watcher() : showLines;
  return async (statuses, others) => {
    const names = statuses.flatMap(({ machine, experiment }) => [machine, experiment]);
    await prepareWidths([...names, ...others.map(({ machine }) => machine)]);
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
    ({ header: _header, holder, isOfCampaign, rate, readyAtMs, isStopping, running, writtenAtMs, ...about }) => ({
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
  const all = experimentsOf(statuses);
  const experiments = all.map(({ experiment, jobs, statuses: own }) => {
    // Several may be of one name.
    const { seed, experimentDigest } = own.find(({ header }) => header !== undefined)?.header ?? {};
    return { experiment, seed, experimentDigest, jobs, folders: own.map(({ folder }) => folder) };
  });
  const more = { ...(all.length > 1 && { experiments }), ...(others.length > 0 && { others }) };
  process.stdout.write(`${JSON.stringify({ jobs: sumOf(all), folders, ...more })}\n`);
}

function showLines(statuses: readonly FolderStatus[], others: readonly OtherMachine[]): void {
  const columns = process.stdout.columns > 0 ? process.stdout.columns : 1_000;
  for (const line of spellStatuses(statuses, others, pageOf(columns))) process.stdout.write(`${line}\n`);
}

function watcher(): Show {
  let last: Parameters<Show> = [[], []];
  const draw = (): void => area.draw(spellStatuses(...last, pageOf(process.stdout.columns || 80)).slice(0, rowsMax()));
  const rowsMax = (): number => Math.max(1, (process.stdout.rows || 24) - 1);
  const area = new LiveArea(process.stdout, draw);
  // Whoever leaves finds the cursor shown again.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => endProgram(exitCodes.done));
  return (...look) => {
    last = look;
    draw();
  };
}

function pageOf(columns: number): Parameters<typeof spellStatuses>[2] {
  return { columns, nowMs: Date.now(), look: lookOf(process.stdout, process.env) };
}
