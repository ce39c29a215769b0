import { escapeText } from '../core/escape-text.ts';
import { formatCount } from '../core/format-count.ts';
import { type ExperimentStatus, experimentsOf } from '../run/experiments-of.ts';
import type { FolderStatus } from '../run/status.ts';
import { formatDuration, formatRate, formatTimeOfDay } from './format.ts';
import { type Look, moreMark, paint, spellBar } from './look.ts';
import { cutToWidth, padToWidth, widthOf } from './text-width.ts';

/** A machine of which no run is known, and why. */
export interface OtherMachine {
  readonly machine: string;
  readonly host: string;
  readonly problem: string;
}

interface View {
  /** What the names of machines take. */
  readonly label: number;
  readonly columns: number;
  readonly nowMs: number;
  readonly look: Look;
}

const barColumns = 20;
const labelMax = 30;

/** A line for each folder, and one for all where there are several; below its name where there are several experiments. */
export function spellStatuses(
  statuses: readonly FolderStatus[],
  others: readonly OtherMachine[],
  page: Omit<View, 'label'>,
): readonly string[] {
  const widths = [...statuses, ...others].map(({ machine }) => Math.min(labelMax, widthOf(escapeText(machine))));
  const view = { ...page, label: Math.max(3, ...widths) };
  const experiments = experimentsOf(statuses);
  const unknown = others.map((other) => spellOther(other, view));
  const [only, ...more] = experiments;
  if (only !== undefined && more.length === 0)
    return [...spellFolders(only, view), ...unknown, ...spellSum(only, view)];
  const parts = experiments.flatMap((one, at) => [
    cutToWidth(spellHeading(one, experiments.slice(0, at)), view.columns - 1, moreMark(view.look)),
    ...spellFolders(one, view),
    ...spellSum(one, view),
  ]);
  return [...parts, ...unknown];
}

function spellHeading({ experiment }: ExperimentStatus, before: readonly ExperimentStatus[]): string {
  const isNamesake = before.some((other) => other.experiment === experiment);
  return `${escapeText(experiment)}${isNamesake ? ' (another one: jobs, settings or seed differ)' : ''}:`;
}

function spellFolders({ statuses }: ExperimentStatus, view: View): readonly string[] {
  return statuses.map((status) =>
    spellLine(escapeText(status.machine), status.jobs, spellState(status, view.nowMs), view),
  );
}

function spellOther({ machine, problem }: OtherMachine, { label, columns, look }: View): string {
  const name = padToWidth(cutToWidth(escapeText(machine), label, moreMark(look)), label);
  return cutToWidth(`${name} ${escapeText(problem)}`, columns - 1, moreMark(look));
}

function spellSum({ statuses, jobs }: ExperimentStatus, view: View): readonly string[] {
  if (statuses.length < 2) return [];
  const readyAtMs = Math.max(...statuses.flatMap((one) => one.readyAtMs ?? []));
  const isKnown = statuses.every(
    ({ state, readyAtMs: at, isStopping }) => state === 'finished' || (at !== undefined && !isStopping),
  );
  const ready = isKnown && Number.isFinite(readyAtMs) ? spellReady(readyAtMs, view.nowMs) : [];
  return [spellLine('all', jobs, ready, view)];
}

function spellLine(
  name: string,
  { total, done, failed, retried }: FolderStatus['jobs'],
  more: readonly string[],
  { label, columns, look }: View,
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
