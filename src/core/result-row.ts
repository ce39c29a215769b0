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
  const meta = metaValues(outcome, session, source, shape).map(spellCell);
  return outcome.result.rows.map((row) => {
    const cells = row.map(spellCell);
    while (cells.length < shape.width) cells.push('');
    return [...meta, ...cells];
  });
}

/** What stands before the results, as values. */
export function metaValues(
  outcome: Pick<JournalledOutcome, 'job' | 'attempt' | 'startedAtMs' | 'endedAtMs' | 'runMs' | 'args' | 'occurrence'>,
  session: Pick<JournalSession, 'startedAtMs'>,
  { machine, seed }: RowSource,
  shape: Omit<RowShape, 'width'>,
): readonly unknown[] {
  const time = (ms: number): string | number => timeValue(ms, shape.timestamps);
  const values: unknown[] = [];
  if (shape.includeStartTime) values.push(time(session.startedAtMs));
  if (shape.includeJobInterval) values.push(Math.round(outcome.runMs * 1_000) / 1_000_000);
  if (shape.includeJobStartTime) values.push(time(outcome.startedAtMs));
  if (shape.includeJobDoneTime) values.push(time(outcome.endedAtMs));
  if (shape.includeJobId) values.push(outcome.job);
  if (shape.includeMachine) values.push(machine(outcome.job));
  if (shape.includeAttempt) values.push(outcome.attempt);
  if (shape.includeSeed) values.push(seedOfStream(seed, identityOf(encodeJson(outcome.args), outcome.occurrence)));
  if (shape.includeArguments) values.push(...outcome.args);
  return values;
}

/** UTC with milliseconds, or seconds since 1970. */
function timeValue(ms: number, style: 'iso' | 'unix'): string | number {
  return style === 'iso' ? new Date(ms).toISOString() : Math.round(ms) / 1_000;
}
