import type { Diagnostic, Place } from './diagnostic.ts';
import { escapeText } from './escape-text.ts';

/** `machines.json:7:12: message`, the line with a caret under the mistake, and what to do. No trailing line feed. */
export function renderDiagnostic({ message, place, hint }: Diagnostic): string {
  const lines = [place === undefined ? escapeLines(message) : `${spellPlace(place)}: ${escapeLines(message)}`];
  if (place?.text !== undefined) lines.push(...quoteLine(place, place.text));
  if (hint !== undefined) lines.push(`  ${escapeLines(hint)}`);
  return lines.join('\n');
}

/** Values from files stand in messages; a line feed of ours stays one. */
function escapeLines(text: string): string {
  return text.split('\n').map(escapeText).join('\n');
}

function spellPlace({ file, line, column }: Place): string {
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

function quoteLine({ line, column }: Place, text: string): string[] {
  const margin = `  ${line} | `;
  const quoted = `${margin}${escapeText(text.replaceAll('\t', ' '))}`;
  if (column === undefined) return [quoted];
  return [quoted, `${' '.repeat(margin.length - 2)}| ${' '.repeat(Math.max(0, column - 1))}^`];
}
