import { decodeJson } from '../../core/json.ts';
import type { Jobs } from '../../core/recipe.ts';
import type { JobsMessage } from './messages.ts';

/** One job as a worker has to run it. */
export interface JobCall {
  readonly index: number;
  readonly attempt: number;
  /** Arguments in canonical JSON. */
  readonly argsJson: string;
  /** Which of equal jobs, from 0. */
  readonly occurrence: number;
  /** The arguments, made for this call alone. */
  readonly args: unknown[];
}

/** The `at`-th job of a message. */
export function jobCallOf({ jobs, attempt, args, same }: JobsMessage, at: number, pool: Jobs | undefined): JobCall {
  const index = jobs[at] ?? -1;
  const occurrence = same?.[at] ?? 0;
  const argsJson = args?.[at];
  if (argsJson !== undefined) return { index, attempt, occurrence, argsJson, args: decodeArguments(argsJson) };
  if (pool === undefined) throw new Error('Internal error: a job came without its arguments');
  return { index, attempt, occurrence, argsJson: pool.spell(index), args: pool.args(index) };
}

function decodeArguments(argsJson: string): unknown[] {
  const args = decodeJson(argsJson);
  return Array.isArray(args) ? args : [args];
}
