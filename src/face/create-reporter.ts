import type { Settings } from '../config/settings.ts';
import type { Reporter } from '../core/run-event.ts';
import type { Prepared } from '../run/prepare.ts';
import { Board } from './board.ts';
import { lookOf } from './look.ts';
import { PlainLines } from './plain-lines.ts';

export interface ReporterOptions {
  /** Of the experiment. */
  readonly name: string;
  readonly settings: Settings['progressPool'];
  readonly pool: Prepared['pool'];
  /** `--tail` */
  readonly showsOutput: boolean;
}

const nameCharsMax = 200;

/** The board where there is a terminal for it, else plain lines. */
export function createReporter(options: ReporterOptions): Reporter {
  const { name, pool, showsOutput } = options;
  const { style, barLength } = options.settings;
  const { stderr, env } = process;
  const canDraw = stderr.isTTY === true && stderr.columns > 0 && env.TERM !== 'dumb' && env.CI === undefined;
  if (style === '2' || !canDraw) return new PlainLines((text) => stderr.write(text), showsOutput);
  // `[100,"north"]` without its brackets.
  const nameOf: BoardName = (job) => pool.spell(job).slice(1, -1).slice(0, nameCharsMax);
  return new Board(name, { style, barLength, look: lookOf(stderr, env), nameOf }, showsOutput);
}

type BoardName = ConstructorParameters<typeof Board>[1]['nameOf'];
