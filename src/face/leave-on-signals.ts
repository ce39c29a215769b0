import { exitCodes } from './exit-codes.ts';

/** For commands that may be left at any time: the terminal gets its cursor back, and no temporary folder stays. */
export function leaveOnSignals(): void {
  process.once('SIGINT', () => process.exit(exitCodes.interrupted));
  process.once('SIGTERM', () => process.exit(exitCodes.terminated));
}
