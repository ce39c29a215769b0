/**
 * Waits for what the experiment promised. Throws where nothing is left that could keep that promise: Node would end the
 * program there, without a word and with exit 0.
 */
export async function keptPromise<Value>(promised: Value | PromiseLike<Value>): Promise<Value> {
  // Most functions promise nothing, and some are called for every row.
  if (!isThenable(promised)) return promised;
  const { promise: idle, reject } = Promise.withResolvers<never>();
  const tell = (): void => reject(neverHappens());
  process.once('beforeExit', tell);
  try {
    return await Promise.race([promised, idle]);
  } finally {
    process.off('beforeExit', tell);
  }
}

/** Nobody knows in which line it waits: no stack. */
function neverHappens(): Error {
  const message = 'it waits for something that never happens (a promise that nothing settles)';
  return Object.assign(new Error(message), { stack: undefined });
}

function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
