import type { Failure } from '../outcome.ts';

/** So many calls, counted from where the error was thrown, tell one place from another. */
const framesMax = 8;
/** What is longer is cut before it is looked into: expressions below take the square of it. */
const [messageCharsMax, stackCharsMax, frameCharsMax] = [2_000, 50_000, 400];
const frame = /^\s*at /;
/** The program itself and Node below it: journals hold such calls, and not always the same ones. */
const ownFrame = /\bsrc[\\/]runtime[\\/]worker[\\/]|\(node:|at node:/;

/**
 * What failures of one kind have in common: the cause, the message without what changes from job to job (numbers,
 * quoted texts, addresses), and the calls, by function, file and line. Folders are left out: they differ by machine.
 */
export function normaliseFailure({ cause, message, stack }: Failure): string {
  // How a worker ended is short and exact: `exit code 9` is not `exit code 1`.
  const what = cause === 'crash' || cause === 'memory' ? message : normaliseMessage(message);
  return [cause, what, ...framesOf(stack)].join('\n');
}

/** What messages of one kind have in common. */
export function normaliseMessage(message: string): string {
  return message
    .slice(0, messageCharsMax)
    .replace(/(["'`])(?:\\.|(?!\1).){0,500}\1/g, '…')
    .replace(/0x[0-9a-f]+/gi, '#')
    .replace(/[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi, '#');
}

function framesOf(stack: string): readonly string[] {
  return stack
    .slice(0, stackCharsMax)
    .split('\n')
    .filter((line) => frame.test(line) && !ownFrame.test(line))
    .slice(0, framesMax)
    .map((line) =>
      line
        .trim()
        .slice(0, frameCharsMax)
        .replace(/[^\s()]*[\\/](?=[^\s()\\/]+:\d+)/g, ''),
    );
}
