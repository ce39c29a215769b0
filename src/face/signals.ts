import type { StopHow } from '../core/dispatch/protocol.ts';
import { endProgram } from './end-program.ts';
import { exitCodes } from './exit-codes.ts';

/** What the signals of one run came to. */
export interface Signals {
  /** The exit code of a run that a signal stopped at once; `undefined`: none did. */
  readonly stoppedAtOnce: () => number | undefined;
  /** May be called again, where the run goes on with other jobs: from then on that is what is stopped. */
  readonly listen: (stop: (how: StopHow) => void) => void;
}

/**
 * First SIGINT or SIGTERM: let running jobs finish; second: stop now; third: leave, whatever hangs (workers end with
 * their parent, the journal is on disk).
 */
export function createSignals(): Signals {
  let code: number | undefined;
  let times = 0;
  let stop: ((how: StopHow) => void) | undefined;
  const listen = (next: (how: StopHow) => void): void => {
    const isFirst = stop === undefined;
    stop = next;
    // Pressed while the one was over and the next had not begun; it begins when this returns.
    if (!isFirst && times > 0) setImmediate(() => next(times === 1 ? 'drain' : 'now'));
    if (!isFirst) return;
    const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
      times++;
      const exitCode = signal === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
      if (times > 2) endProgram(exitCode);
      if (times === 2) code = exitCode;
      stop?.(times === 1 ? 'drain' : 'now');
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => onSignal(signal));
  };
  return { stoppedAtOnce: () => code, listen };
}
