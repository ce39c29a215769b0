import { formatCountOf } from '../../core/format-count.ts';
import type { Source } from './sources.ts';

const problemsMax = 100;

/** What was wrong in journals, as sentences; the other lines count. */
export function describeProblems(sources: readonly Source[]): readonly string[] {
  const all = sources.flatMap(({ name, problems, gone, isCut }) => [
    ...(isCut ? [`${name}: the compressed journal is damaged or cut; what it holds until there counts`] : []),
    ...problems.map(({ line, problem }) => `${name}: line ${line} of the journal: ${problem}`),
    ...(gone > 0 ? [`${name}: ${formatCountOf(gone, 'settled job')} not in the pool any more`] : []),
  ]);
  return all.length <= problemsMax ? all : [...all.slice(0, problemsMax), `and ${all.length - problemsMax} more`];
}

/** A last line without its end: of a run that was killed, that goes on, or of a copy that was made meanwhile. */
export function describeTears(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ tornBytes }) => tornBytes > 0)
    .map(({ name }) => `${name}: the journal ends within a line (killed, cut, or still running when it was copied)`);
}
