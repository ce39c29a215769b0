import { inspect } from 'node:util';
import { escapeText } from '../../core/escape-text.ts';
import type { Failure, FailureCause } from '../../core/outcome.ts';

const messageCharsMax = 2_000;
const stackCharsMax = 20_000;
/** Lines of a stack below the job: of the program itself, not of the experiment. */
const ownFrame = /\/src\/runtime\/worker\/|node:internal/;

/** What a job threw, as text. */
export function describeFailure(thrown: unknown, cause: FailureCause = 'error'): Failure {
  if (!(thrown instanceof Error)) return { cause, message: oneLine(`threw ${inspect(thrown)}`), stack: '' };
  const message = `${thrown.name}: ${thrown.message}`;
  return { cause, message: oneLine(message), stack: readStack(thrown).slice(0, stackCharsMax) };
}

function oneLine(text: string): string {
  const escaped = escapeText(text.slice(0, messageCharsMax));
  return text.length > messageCharsMax ? `${escaped}…` : escaped;
}

function readStack(error: Error): string {
  // `stack` may be anything: a getter that throws, a number.
  try {
    const stack: unknown = error.stack;
    if (typeof stack !== 'string') return '';
    return stack
      .split('\n')
      .filter((line) => !ownFrame.test(line))
      .join('\n');
  } catch {
    return '';
  }
}
