import { formatCount, formatCountOf } from '../core/format-count.ts';
import type { RunEvent } from '../core/run-event.ts';
import { spellCores } from '../core/spell-cores.ts';
import { formatDuration, formatTimeOfDay } from './format.ts';

/** The line that tells an event worth one, unescaped; failures of jobs are a matter of their own (`event-lines.ts`). */
export function describeEvent(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'warning':
      return `warning: ${event.message}`;
    case 'continuing':
      return describeFound(event);
    case 'stopping':
      return event.how === 'drain' ? describeDrain(event) : 'stopping now';
    case 'run-started':
      return `${formatCount(event.total - event.settled)} of ${formatCountOf(event.total, 'job')} to run on ${spellCores(event.cores)}`;
    default:
      return undefined;
  }
}

/** `continuing: 1,204 of 2,000 done, 3 failed (--retry-failed), last written 14:02, same code` */
function describeFound(found: Extract<RunEvent, { type: 'continuing' }>): string {
  const parts = [`${formatCount(found.done)} of ${formatCount(found.total)} done`];
  if (found.failed > 0) parts.push(`${formatCount(found.failed)} failed (--retry-failed)`);
  parts.push(
    `last written ${formatTimeOfDay(found.lastWrittenAtMs, found.atMs)}`,
    found.sameCode ? 'same code' : 'other code',
  );
  return `continuing: ${parts.join(', ')}`;
}

/** `waiting for 8 jobs, the longest about 3 h 5 min; again = stop now`; nothing where nobody is waited for. */
function describeDrain({
  running,
  longestLeftMs: longestMs,
  isBySignal,
}: Extract<RunEvent, { type: 'stopping' }>): string | undefined {
  if (running === 0) return undefined;
  const longest = longestMs === undefined ? '' : `, the longest about ${formatDuration(longestMs)}`;
  return `waiting for ${formatCountOf(running, 'job')}${longest}${isBySignal ? '; again = stop now' : ''}`;
}
