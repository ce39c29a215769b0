import type { Diagnostic, Place } from './diagnostic.ts';
import { escapeText } from './escape-text.ts';

/**
 * `machines.json:7:12: message`, the line with a caret under the mistake, and what to do. No trailing line feed. Text
 * from files is in all of it: control characters other than line feeds are spelt out.
 */
export function renderDiagnostic({ message, place, hint }: Diagnostic): string {
  const clipped = message.split('\n').map(clip).join('\n');
  const lines = [place === undefined ? clipped : `${spellPlace(place)}: ${clipped}`];
  if (place?.text !== undefined) lines.push(...quoteLine(place, place.text));
  if (hint !== undefined) lines.push(`  ${hint}`);
  return lines.join('\n').split('\n').map(escapeText).join('\n');
}

/** A name in it may be as long as a file. */
const messageLineMax = 500;

const clip = (line: string): string => (line.length > messageLineMax ? `${line.slice(0, messageLineMax)}…` : line);

function spellPlace({ file, line, column }: Place): string {
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** Characters shown before and after the caret; a line may be a whole file. */
const shownBefore = 60;
const shownAfter = 100;

function quoteLine({ line, column }: Place, text: string): string[] {
  const at = (column ?? 1) - 1;
  const [from, to] = [Math.max(0, at - shownBefore), at + shownAfter];
  const spell = (part: string): string => escapeText(part.replaceAll('\t', ' '));
  const before = `${from > 0 ? '…' : ''}${spell(text.slice(from, at))}`;
  const margin = `  ${line} | `;
  const quoted = `${margin}${before}${spell(text.slice(at, to))}${text.length > to ? '…' : ''}`;
  if (column === undefined) return [quoted];
  // What is spelt out is longer than it was in the file; the caret stands under the mistake all the same.
  return [quoted, `${' '.repeat(margin.length - 2)}| ${' '.repeat(before.length)}^`];
}
