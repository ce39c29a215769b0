import { failed, type Result } from '../core/diagnostic.ts';
import type { JournalSession } from '../core/journal/record.ts';
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
  if (columns === undefined) return undefined;
  const differs = (then: readonly string[]): boolean =>
    then.length !== columns.length || then.some((name, at) => name !== columns[at]);
  return sessions.find(
    (it) => it.columns !== undefined && differs(it.columns) && balance.doneBy(it.codeFingerprint) > 0,
  )?.columns;
}

export function refuseColumns(
  then: readonly string[],
  now: readonly string[],
  folder: string,
  hint: string,
): Result<never> {
  const message = `${folder} holds rows for the columns ${spell(then)}; the experiment now names ${spell(now)}`;
  return failed({ severity: 'error', message, hint });
}

const shownMax = 500;

function spell(columns: readonly string[]): string {
  const text = JSON.stringify(columns);
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
