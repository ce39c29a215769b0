import type { Settings } from '../config/settings.ts';
import type { Reporter } from '../core/run-event.ts';
import { Board } from './board.ts';
import { PlainLines } from './plain-lines.ts';

/** The board where there is a terminal for it, else plain lines. */
export function createReporter({ style, barLength }: Settings['progressPool']): Reporter {
  const dumb = process.env.TERM === 'dumb' || process.env.CI !== undefined;
  if (style === '2' || process.stderr.isTTY !== true || !(process.stderr.columns > 0) || dumb)
    return new PlainLines((text) => process.stderr.write(text));
  return new Board({ style, barLength });
}
