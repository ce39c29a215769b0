import { neverHappens, whenIdle } from './when-idle.ts';

/** Waits for what the experiment promised. Throws where nothing is left that could keep that promise. */
export async function keptPromise<Value>(promised: Value | PromiseLike<Value>): Promise<Value> {
  // Most functions promise nothing, and some are called for every row.
  if (!isThenable(promised)) return promised;
  const { promise: idle, reject } = Promise.withResolvers<never>();
  const end = whenIdle(() => reject(neverHappens()));
  try {
    return await Promise.race([promised, idle]);
  } finally {
    end();
  }
}

function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
