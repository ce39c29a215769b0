/** What came of a start. */
export type StartEnd =
  | { readonly kind: 'started' }
  /** It lives, but has not begun after a minute: a large pool, a slow disk. */
  | { readonly kind: 'slow' }
  /** Another process has the run folder: nothing was disturbed. */
  | { readonly kind: 'already-running' }
  /** All was settled already, or is now. */
  | { readonly kind: 'finished'; readonly hasFailed: boolean }
  | { readonly kind: 'ended'; readonly code: number; readonly lastLines: readonly string[] };

/** Exit codes of the program as it is started there. */
const [done, jobsFailed, alreadyRunning] = [0, 3, 7];

/** Reads the answer to `start`; `undefined`: it is none. */
export function parseStart(output: string): StartEnd | undefined {
  const [first = '', ...lastLines] = output.trim().split(/\r?\n/);
  if (first === 'started' || first === 'slow') return { kind: first };
  const code = Number(/^ended (\d{1,3})$/.exec(first)?.[1] ?? Number.NaN);
  if (Number.isNaN(code)) return undefined;
  if (code === alreadyRunning) return { kind: 'already-running' };
  if (code === done || code === jobsFailed) return { kind: 'finished', hasFailed: code === jobsFailed };
  return { kind: 'ended', code, lastLines };
}
