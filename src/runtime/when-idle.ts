/** Nobody knows in which line it waits: no stack. */
export function neverHappens(): Error {
  const what =
    'a promise that nothing settles, or only what keeps no program alive: an unref()ed timer, AbortSignal.timeout';
  return Object.assign(new Error(`it waits for something that never happens (${what})`), { stack: undefined });
}

/**
 * Calls where nothing is left that could happen: Node would end the program there, without a word and with exit 0. Returns what
 * ends this.
 */
export function whenIdle(tell: () => void): () => void {
  let isSecond = false;
  const look = (): void => {
    // A listener of the experiment's may find more to do at the first; the second comes when that is done, too.
    const next = isSecond ? tell : (): void => undefined;
    isSecond = true;
    // Not from here: Node would not come again, whatever is waited for next.
    setImmediate(next);
  };
  process.on('beforeExit', look);
  return () => process.off('beforeExit', look);
}
