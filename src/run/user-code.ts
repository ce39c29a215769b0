import { ConfigError } from '../config/config.ts';
import { failed, ok, type Result } from '../core/diagnostic.ts';

/** Calls a function of the experiment; what it throws is the user's mistake, shown with its place in their lines. */
export async function callUserCode<Value>(name: string, call: () => Value | Promise<Value>): Promise<Result<Value>> {
  try {
    return ok(await call());
  } catch (thrown) {
    return failed({ severity: 'error', message: `${name} failed: ${describeThrown(thrown)}` });
  }
}

/** The message, and the stack where it helps. */
export function describeThrown(thrown: unknown): string {
  if (thrown instanceof ConfigError) return thrown.message;
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
