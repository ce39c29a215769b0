import { endProgram } from './end-program.ts';
import { exitCodes } from './exit-codes.ts';

/** For commands that may be left at any time: the terminal gets its cursor back, and no temporary folder stays. */
export function leaveOnSignals(): void {
  process.once('SIGINT', () => endProgram(exitCodes.interrupted));
  process.once('SIGTERM', () => endProgram(exitCodes.terminated));
}
