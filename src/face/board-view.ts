import { escapeText } from '../core/escape-text.ts';
import { formatCount } from '../core/format-count.ts';
import type { JobIndex } from '../core/ids.ts';
import type { RunningJob, RunProgress } from '../core/progress/run-progress.ts';
import { formatClock, formatDuration, formatRate, formatTimeOfDay } from './format.ts';
import { type Look, moreMark, paint, spellBar } from './look.ts';
import { cutToWidth, padToWidth, widthOf } from './text-width.ts';

export interface BoardSize {
  readonly columns: number;
  readonly rows: number;
}

export interface BoardStyle {
  /** 0: the lowest running job and the total; 1: all running jobs and the total. */
  readonly style: '0' | '1';
  /** Columns of a bar, where there is room. */
  readonly barLength: number;
  readonly look: Look;
  /** What a person calls a job: its arguments. */
  readonly nameOf: (job: JobIndex) => string;
}

const barMin = 6;
/** The bar gives way before names and messages get shorter than this. */
const wordsMin = 16;
const percentColumns = 5;
/** In fewer there is no room for anything but a number. */
const columnsMin = 20;

/** The lines of the board: never as wide as `columns` (a full line would wrap on some terminals), never more than `rows` less one. */
export function renderBoard(progress: RunProgress, size: BoardSize, style: BoardStyle, nowMs: number): string[] {
  const columns = Math.max(1, size.columns - 1);
  const room = Math.max(1, size.rows - 1);
  if (columns < columnsMin) return [spellNarrow(progress, columns, style.look)];
  const shown = chooseJobs([...progress.running.values()], style.style === '0' ? 1 : room - 1);
  const label = Math.max('total'.length, ...shown.map(({ job }) => labelOf(job).length));
  const total = totalLines(progress, columns, label, style, nowMs).slice(0, room);
  // The total may need several lines.
  const lines = room - total.length;
  const { size: count } = progress.running;
  if (style.style === '0' || count <= lines)
    return [...spellJobs(chooseJobs(shown, lines), columns, label, style, nowMs), ...total];
  const kept = chooseJobs(shown, lines - 1);
  const fold = lines > 0 ? [spellFold(count - kept.length, columns, style.look)] : [];
  return [...spellJobs(kept, columns, label, style, nowMs), ...fold, ...total];
}

function spellNarrow({ settled, total }: RunProgress, columns: number, look: Look): string {
  return cutToWidth(`${formatCount(settled)}/${formatCount(total)}`, columns, moreMark(look));
}

/** Of more jobs than there is room for those that have run longest; a line stays where it is as long as it can. */
function chooseJobs(running: RunningJob[], room: number): RunningJob[] {
  if (room === 1) return running.sort((a, b) => a.job - b.job).slice(0, 1);
  if (running.length > room) running.sort((a, b) => a.sinceMs - b.sinceMs || a.job - b.job);
  return running.slice(0, Math.max(0, room)).sort((a, b) => a.worker - b.worker);
}

function spellFold(hidden: number, columns: number, look: Look): string {
  const text = `${moreMark(look)} and ${formatCount(hidden)} more running`;
  return paint(look, 'dim', cutToWidth(text, columns, moreMark(look)));
}

const labelOf = (job: JobIndex): string => `job ${job}`;

/** `job 17  ████░░░░  45%  3:07  100, "north"  loading data`, the bars of all equally long */
function spellJobs(
  jobs: readonly RunningJob[],
  columns: number,
  label: number,
  style: BoardStyle,
  nowMs: number,
): string[] {
  const { look, barLength, nameOf } = style;
  const spelt = jobs.map(({ job, sinceMs, fraction, message }) => ({
    label: padToWidth(labelOf(job), label),
    fraction,
    clock: formatClock(nowMs - sinceMs),
    words: [nameOf(job), message]
      .filter((text) => text !== '')
      .map(escapeText)
      .join('  '),
  }));
  const clock = Math.max(4, ...spelt.map((one) => one.clock.length));
  const wanted = Math.max(...spelt.map(({ words }) => (words === '' ? 0 : Math.min(widthOf(words), wordsMin) + 2)));
  const room = columns - label - 1 - percentColumns - 2 - clock;
  const bar = Math.min(barLength, Math.max(Math.min(room, barMin), room - wanted));
  return spelt.map((one) => {
    const time = one.clock.padStart(clock + 2);
    if (bar < 3) return cutToWidth(`${one.label}${percentOf(one.fraction)}${time}`, columns, moreMark(look));
    const words = cutToWidth(one.words, room - bar - 2, moreMark(look));
    const drawn = `${spellBar(look, one.fraction ?? 0, bar, 'cyan')}${percentOf(one.fraction)}`;
    return `${one.label} ${drawn}${paint(look, 'dim', time)}${words === '' ? '' : `  ${words}`}`;
  });
}

function percentOf(fraction: number | undefined): string {
  return (fraction === undefined ? '-' : `${Math.floor(fraction * 100)}%`).padStart(percentColumns);
}

/** On one line, or as many as are needed: `total  ████░░░░  45%  30/60 · 1 failed · 12/s · 3 min left · ready 14:02`. */
function totalLines(progress: RunProgress, columns: number, label: number, style: BoardStyle, nowMs: number): string[] {
  const { look, barLength } = style;
  const { total, settled } = progress;
  const parts = totalParts(progress, nowMs);
  const room = columns - label - 1 - percentColumns - 2;
  const bar = Math.min(barLength, room - widthOf(parts[0]?.text ?? ''));
  if (bar < 3) return fillLines(parts, columns, 0, look);
  const drawn = `${spellBar(look, total === 0 ? 1 : settled / total, bar, 'green')}${percentOf(total === 0 ? 1 : settled / total)}`;
  const [first = '', ...more] = fillLines(parts, columns, columns - (room - bar), look);
  return [`${'total'.padEnd(label)} ${drawn}  ${first}`, ...more];
}

interface Part {
  readonly text: string;
  readonly isBad?: true;
}

function totalParts(progress: RunProgress, nowMs: number): Part[] {
  const { total, settled, failed, retried } = progress;
  const parts: Part[] = [{ text: `${formatCount(settled)}/${formatCount(total)}` }];
  if (failed > 0) parts.push({ text: `${formatCount(failed)} failed`, isBad: true });
  if (retried > 0) parts.push({ text: `${formatCount(retried)} retried` });
  const rate = progress.rate(nowMs);
  if (rate !== undefined) parts.push({ text: formatRate(rate) });
  const readyAtMs = settled < total && !progress.isOver ? progress.readyAtMs(nowMs) : undefined;
  if (readyAtMs !== undefined) {
    parts.push({ text: `${formatDuration(readyAtMs - nowMs)} left` });
    parts.push({ text: `${progress.isDraining ? 'stops' : 'ready'} ${formatTimeOfDay(readyAtMs, nowMs)}` });
  }
  return parts;
}

/** Puts parts on lines, the first of which is taken up to `taken` already. */
function fillLines(parts: readonly Part[], columns: number, taken: number, look: Look): string[] {
  const [dot, indent] = [look.hasUnicode ? ' · ' : ', ', '  '];
  const lines: string[] = [];
  let [line, width] = ['', taken];
  for (const [at, { text, isBad }] of parts.entries()) {
    const cut = cutToWidth(text, columns - indent.length, moreMark(look));
    const painted = isBad ? paint(look, 'red', cut) : cut;
    if (at > 0 && width + dot.length + widthOf(cut) > columns) {
      lines.push(line);
      [line, width] = [indent + painted, indent.length + widthOf(cut)];
    } else {
      line += at > 0 ? dot + painted : painted;
      width += (at > 0 ? dot.length : 0) + widthOf(cut);
    }
  }
  return [...lines, line];
}
