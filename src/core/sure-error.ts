/**
 * Errors after which another attempt would surely fail alike: what a job was given was used in a way that cannot succeed.
 * Known by being marked, not by their class: a job may throw a RangeError of its own, which deserves its retries.
 */
const marked = new WeakSet<object>();

// A job may replace what the prototype holds.
const add = marked.add.bind(marked);
const has = marked.has.bind(marked);

/** `throw surely(new RangeError(…))` */
export function surely<Thrown extends Error>(error: Thrown): Thrown {
  add(error);
  return error;
}

/** Looks at nothing that the value holds: a job may throw anything. */
export function isSure(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && has(thrown);
}
