import { parseLogLine } from '../core/log-line.ts';
import type { RunEvent } from '../core/run-event.ts';
import { spellLogLine } from './log-line.ts';

/** What a job printed or logged, as one line for `--tail`; unescaped. */
export function describeOutput(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'job-output':
      return `${event.job === undefined ? `worker ${event.worker}` : `job ${event.job}`}: ${event.text}`;
    case 'job-log': {
      const line = parseLogLine(event.line);
      return `job ${event.job ?? '?'}: ${line === undefined ? event.line : spellLogLine(line)}`;
    }
    default:
      return undefined;
  }
}
