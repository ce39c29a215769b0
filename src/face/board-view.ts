import type { BoardState, RunningJob } from './board-state.ts';
import { formatCount, formatDuration, formatTimeOfDay } from './format.ts';

export interface BoardSize {
  readonly columns: number;
  readonly rows: number;
}

/** The lines of the board: never wider than `columns`, never more than `rows` less one. */
export function renderBoard(
  state: BoardState,
  { columns, rows }: BoardSize,
  { style, barLength }: { readonly style: '0' | '1' | '2'; readonly barLength: number },
  nowMs: number,
): string[] {
  const running = [...state.running.values()].sort((a, b) => a.job - b.job);
  const shown = running.slice(0, style === '0' ? 1 : Math.max(0, rows - 3));
  const width = Math.max(4, Math.min(barLength, columns - 32));
  const lines = shown.map((job) => jobLine(job, width, nowMs));
  if (style === '1' && shown.length < running.length) lines.push(`… and ${running.length - shown.length} more`);
  return [...lines, totalLine(state, width, nowMs)].map((line) => line.slice(0, Math.max(1, columns - 1)));
}

function jobLine({ job, fraction, sinceMs }: RunningJob, width: number, nowMs: number): string {
  return `job ${String(job).padEnd(8)} ${bar(fraction, width)} ${percent(fraction)} ${formatDuration(nowMs - sinceMs)}`;
}

function totalLine(state: BoardState, width: number, nowMs: number): string {
  const fraction = state.total === 0 ? 0 : state.settled / state.total;
  const parts = [`${formatCount(state.settled)}/${formatCount(state.total)}`];
  if (state.failed > 0) parts.push(`${formatCount(state.failed)} failed`);
  if (state.retried > 0) parts.push(`${formatCount(state.retried)} retried`);
  const rate = state.rate(nowMs);
  if (rate !== undefined) {
    const leftMs = ((state.total - state.settled) / rate) * 1_000;
    parts.push(
      `${rate >= 10 ? Math.round(rate) : rate.toPrecision(2)}/s`,
      `ready ${formatTimeOfDay(nowMs + leftMs, nowMs)}`,
    );
  }
  return `total        ${bar(fraction, width)} ${percent(fraction)} ${parts.join(' · ')}`;
}

function bar(fraction: number, width: number): string {
  const full = Math.round(Math.min(1, fraction) * width);
  return `[${'#'.repeat(full)}${'-'.repeat(width - full)}]`;
}

function percent(fraction: number): string {
  return `${String(Math.floor(fraction * 100)).padStart(3)}%`;
}
