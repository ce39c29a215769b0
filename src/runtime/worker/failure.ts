import { inspect } from 'node:util';
import { escapeText } from '../../core/escape-text.ts';
import type { Failure, FailureCause } from '../../core/outcome.ts';
import { isSure } from '../../core/sure-error.ts';
import { messageOf } from '../../core/thrown.ts';

const messageCharsMax = 2_000;
const stackCharsMax = 20_000;
/** How far down the errors that caused an error are shown. */
const causesMax = 5;
/** Of the program itself, not of the experiment: below the job, and above it where the job called what its context holds. */
const ownFrame = /^ *at .*\bsrc[\\/]runtime[\\/](?:worker|assets)[\\/]/;
const frame = /^ *at /;
const nodeFrame = /node:internal|process\.emit \(node:events/;

/** What a job threw, as text. Never throws itself: the error may be anything, its members may be traps. */
export function describeFailure(thrown: unknown): Failure {
  const isError = attempt(() => thrown instanceof Error) === true;
  const message = isError ? messageOf(thrown) : `threw ${showValue(thrown)}`;
  const stack = readStack(thrown).slice(0, stackCharsMax);
  return { cause: 'error', message: oneLine(message), stack, ...(isSure(thrown) && { isSure: true }) };
}

export function describeProblem(cause: FailureCause, problem: string): Failure {
  return { cause, message: oneLine(problem), stack: '' };
}

/** The start of a value, for the log. */
export function showValue(value: unknown): string {
  const options = { depth: 4, maxArrayLength: 50, maxStringLength: 500, breakLength: Number.POSITIVE_INFINITY };
  const shown = attempt(() => inspect(value, options));
  return typeof shown === 'string' ? shown.slice(0, messageCharsMax) : 'a value that cannot be shown';
}

function oneLine(text: string): string {
  const escaped = escapeText(text.slice(0, messageCharsMax));
  return text.length > messageCharsMax ? `${escaped}…` : escaped;
}

function readStack(thrown: unknown): string {
  const stacks: string[] = [];
  let error = thrown;
  for (let depth = 0; depth < causesMax && isObject(error); depth++) {
    const link = error;
    const { stack, cause } = attempt(() => ({ stack: link.stack, cause: link.cause })) ?? {};
    if (typeof stack === 'string') stacks.push(depth === 0 ? cutStack(stack) : `caused by: ${cutStack(stack)}`);
    error = cause;
  }
  return stacks.join('\n');
}

/** What it says, and the frames of the experiment. */
function cutStack(stack: string): string {
  const lines = stack.split('\n').filter((line) => !nodeFrame.test(line));
  const first = indexFrom(lines, 0, (line) => frame.test(line));
  const from = indexFrom(lines, first, (line) => !ownFrame.test(line));
  const to = indexFrom(lines, from, (line) => ownFrame.test(line));
  return [...lines.slice(0, first), ...lines.slice(from, to)].join('\n');
}

/** Where, from `from` on, the first line of a kind stands; behind the last one where there is none. */
function indexFrom(lines: readonly string[], from: number, isIt: (line: string) => boolean): number {
  const at = lines.findIndex((line, place) => place >= from && isIt(line));
  return at < 0 ? lines.length : at;
}

function isObject(value: unknown): value is { readonly stack?: unknown; readonly cause?: unknown } {
  return typeof value === 'object' && value !== null;
}

function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
