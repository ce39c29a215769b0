import { formatCountOf } from '../core/format-count.ts';
import type { JournalReading } from '../runtime/read-journal.ts';
import type { SettledHere } from './slice.ts';

/** What an earlier session has left in its journal that does not count here. */
export function describeLosses(
  { fold, tornBytes }: Pick<JournalReading, 'fold' | 'tornBytes'>,
  { elsewhere }: Pick<SettledHere, 'elsewhere'>,
): readonly string[] {
  const messages = fold.problems.map(({ line, problem }) => `journal.jsonl:${line}: ${problem}; its jobs run again`);
  if (tornBytes > 0) messages.push('the last line of the journal was torn (power cut or kill); its jobs run again');
  if (elsewhere > 0) {
    const where = 'not among those here any more; kept in the journal, not in the results';
    messages.push(`the pool changed: ${formatCountOf(elsewhere, 'settled job')} ${where}`);
  }
  return messages;
}
