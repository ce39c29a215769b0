import { stripVTControlCharacters } from 'node:util';
import { widthOf } from './text-width.ts';

/** CSI sequences, all of ECMA-48 but the two around a frame (synchronised output; terminals that do not know it ignore it). */
const csi = '\u001b[';
const eraseLineEnd = `${csi}K`;
const eraseBelow = `${csi}J`;
const [beginFrame, endFrame] = [`${csi}?2026h`, `${csi}?2026l`];
export const hideCursor: string = `${csi}?25l`;
export const showCursor: string = `${csi}?25h`;

/**
 * What to write so that a board of `before` becomes `after`. The cursor stands at the beginning of the board's last line,
 * before and after (of a board without lines: of the line below the text). Lines that stay are not written again, those that
 * change are overwritten and not erased first: nothing flickers.
 */
export function repaint(before: readonly string[], after: readonly string[]): string {
  if (before.length === after.length && after.every((line, at) => line === before[at])) return '';
  let [text, pending] = [`\r${up(before.length - 1)}`, 0];
  for (const [at, line] of after.entries()) {
    if (at > 0) pending++;
    if (line === before[at]) continue;
    text += `${'\r\n'.repeat(pending)}${line}${eraseLineEnd}`;
    pending = 0;
  }
  text += '\r\n'.repeat(pending);
  if (after.length < before.length) text += after.length === 0 ? eraseBelow : `\r\n${eraseBelow}${up(1)}`;
  return `${beginFrame}${text}\r${endFrame}`;
}

/** Puts whole lines above the board, which moves down. `text` ends with a line feed. */
export function insertAbove(text: string, board: readonly string[]): string {
  const fresh = board.map((line) => `${line}${eraseLineEnd}`).join('\r\n');
  return `${beginFrame}\r${up(board.length - 1)}${eraseBelow}${text}${fresh}\r${endFrame}`;
}

/**
 * Takes the board away from a terminal that has been resized. Nearly all terminals break lines that have become too long
 * and keep the cursor at its place in the text; so the board's first line is as far above it as its lines now take rows.
 */
export function eraseResized(board: readonly string[], columns: number): string {
  let rows = 0;
  for (const line of board.slice(0, -1)) {
    rows += Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / Math.max(1, columns)));
  }
  return `${beginFrame}\r${up(rows)}${eraseBelow}${endFrame}`;
}

/** Leaves the board where it is and goes below it. */
export function leaveBoard(board: readonly string[]): string {
  return `${board.length === 0 ? '' : '\r\n'}${showCursor}`;
}

function up(lines: number): string {
  return lines > 0 ? `${csi}${lines}A` : '';
}
