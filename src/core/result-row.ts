import { spellCell } from './cell.ts';
import type { JobIndex } from './ids.ts';
import type { JournalledOutcome } from './journal/journalled-outcome.ts';
import type { JournalSession } from './journal/record.ts';
import { encodeJson } from './json.ts';
import { identityOf } from './occurrences.ts';
import { seedOfStream } from './random.ts';

/** Which columns stand before the results, and how. */
export interface RowShape {
  readonly includeStartTime: boolean;
  readonly includeJobInterval: boolean;
  readonly includeJobStartTime: boolean;
  readonly includeJobDoneTime: boolean;
  readonly includeJobId: boolean;
  readonly includeMachine: boolean;
  readonly includeAttempt: boolean;
  readonly includeSeed: boolean;
  readonly includeArguments: boolean;
  readonly timestamps: 'iso' | 'unix';
  /** How many result columns there are; a shorter row (of a job that returns nothing) is filled up. */
  readonly width: number;
}

export interface RowSource {
  readonly machine: (job: JobIndex) => string;
  readonly seed: string;
}

/** The lines of `results.csv`, as cells, that one succeeded job gives. */
export function projectRows(
  outcome: JournalledOutcome,
  session: Pick<JournalSession, 'startedAtMs'>,
  source: RowSource,
  shape: RowShape,
): readonly (readonly string[])[] {
  if (outcome.result.status !== 'succeeded') return [];
  const meta = metaCells(outcome, session, source, shape);
  return outcome.result.rows.map((row) => {
    const cells = row.map(spellCell);
    while (cells.length < shape.width) cells.push('');
    return [...meta, ...cells];
  });
}

function metaCells(
  outcome: JournalledOutcome,
  session: Pick<JournalSession, 'startedAtMs'>,
  { machine, seed }: RowSource,
  shape: RowShape,
): readonly string[] {
  const time = (ms: number): string => spellTime(ms, shape.timestamps);
  const cells: string[] = [];
  if (shape.includeStartTime) cells.push(time(session.startedAtMs));
  if (shape.includeJobInterval) cells.push(String(Math.round(outcome.runMs * 1_000) / 1_000_000));
  if (shape.includeJobStartTime) cells.push(time(outcome.startedAtMs));
  if (shape.includeJobDoneTime) cells.push(time(outcome.endedAtMs));
  if (shape.includeJobId) cells.push(String(outcome.job));
  if (shape.includeMachine) cells.push(machine(outcome.job));
  if (shape.includeAttempt) cells.push(String(outcome.attempt));
  if (shape.includeSeed) cells.push(seedOfStream(seed, identityOf(encodeJson(outcome.args), outcome.occurrence)));
  if (shape.includeArguments) cells.push(...outcome.args.map(spellCell));
  return cells;
}

/** UTC with milliseconds, or seconds since 1970. */
function spellTime(ms: number, style: 'iso' | 'unix'): string {
  return style === 'iso' ? new Date(ms).toISOString() : String(Math.round(ms) / 1_000);
}
