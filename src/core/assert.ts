/** A broken invariant is a bug of ours, never of the user's: it throws, and stays on in the executable. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`Internal error: ${what}`);
}

/** Ends a `switch` over a union: the compiler refuses a member that was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`Internal error: unexpected ${JSON.stringify(value)}`);
}
