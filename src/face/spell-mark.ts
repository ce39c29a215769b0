import { parseLogLine } from '../core/log-line.ts';
import { logMark, progressMark } from '../runtime/worker/messages.ts';
import { spellLogLine } from './log-line.ts';

/** What a job logs and how far it says it is, as `logs` and the board show it; unescaped. */
export function spellMark(mark: string): string {
  const rest = mark.slice(1);
  if (mark.startsWith(logMark)) {
    const line = parseLogLine(rest);
    return line === undefined ? rest : spellLogLine(line);
  }
  const [, fraction, words] = /^\d+ (\S+)(?: (.*))?$/.exec(rest) ?? [];
  if (!mark.startsWith(progressMark) || fraction === undefined) return rest;
  return `${Math.floor(Number(fraction) * 100)}%${words === undefined ? '' : ` ${words}`}`;
}
