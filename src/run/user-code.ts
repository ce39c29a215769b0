import { ConfigError } from '../config/config.ts';
import { failed, ok, type Result } from '../core/diagnostic.ts';
import { keptPromise } from '../runtime/kept-promise.ts';
import { describeFailure } from '../runtime/worker/failure.ts';

/** Calls a function of the experiment; what it throws is the user's mistake, shown with its place in their lines. */
export async function callUserCode<Value>(
  name: string,
  call: () => Value | Promise<Value>,
  hint?: string,
): Promise<Result<Value>> {
  try {
    return ok(await keptPromise(call()));
  } catch (thrown) {
    return failed({ severity: 'error', message: `${name} failed: ${describeThrown(thrown)}`, ...(hint && { hint }) });
  }
}

/** Of what is called when all jobs are done: what is settled by then stays so. */
export const mendHint = (name: string): string => `mend ${name}, start again: no job runs again`;

/** The message, and the stack where it helps: the user's lines, not those of the program that called them. */
function describeThrown(thrown: unknown): string {
  if (thrown instanceof ConfigError) return thrown.message;
  const { message, stack } = describeFailure(thrown);
  const lines = stack.split('\n');
  const caller = lines.findIndex((line) => ownFrame.test(line));
  // The function that `call` is stands just above it.
  const end = caller > 1 && arrowFrame.test(lines[caller - 1] ?? '') ? caller - 1 : caller;
  return (caller < 0 ? lines : lines.slice(0, end)).join('\n') || message;
}

const ownFrame = /at (?:async )?(?:callUserCode .*user-code|keptPromise .*kept-promise)\.ts/;
const arrowFrame = /^ *at .*\bsrc[\\/]run[\\/]/;
