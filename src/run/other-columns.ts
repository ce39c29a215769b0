import { type Diagnostic, failed, type Result } from '../core/diagnostic.ts';
import type { JournalSession } from '../core/journal/record.ts';
import { areOtherColumns } from '../core/other-columns.ts';
import type { Balance } from './balance.ts';

/**
 * The columns that rows which count were returned for, where they are not those of now. The journal holds rows by place: they
 * would stand under names that are not theirs. `undefined`: there are none, or nobody knows (older journals do not name them).
 */
export function findOtherColumns(
  sessions: readonly JournalSession[],
  columns: readonly string[] | undefined,
  balance: Pick<Balance, 'doneBy'>,
): readonly string[] | undefined {
  return sessions.find((it) => areOtherColumns(it.columns, columns) && balance.doneBy(it.codeFingerprint) > 0)?.columns;
}

export function refuseColumns(...what: Parameters<typeof describeOtherColumns>): Result<never> {
  return failed(describeOtherColumns(...what));
}

/** `where`: a folder, or a server. */
export function describeOtherColumns(
  then: readonly string[],
  now: readonly string[],
  where: string,
  hint: string,
): Diagnostic {
  const message = `${where} holds rows for the columns ${spell(then)}; the experiment now names ${spell(now)}`;
  return { severity: 'error', message, hint };
}

const shownMax = 500;

function spell(columns: readonly string[]): string {
  const text = JSON.stringify(columns);
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
