import type { BuildInfo } from '../build-info.ts';
import { formatCountOf } from '../core/format-count.ts';
import { runSelfTest } from '../run/self-test.ts';
import { exitCodes } from './exit-codes.ts';
import { say, sayDiagnostics } from './say.ts';
import { createSignals } from './signals.ts';

/** Two see to it that the work is split. */
const defaultWorkers = 2;

/** Runs the small experiment that every executable holds; returns the exit code. */
export async function selfTestCommand(build: BuildInfo, cores: number = defaultWorkers): Promise<number> {
  const signals = createSignals();
  const startedMs = performance.now();
  const result = await runSelfTest({ build, cores, onStarted: signals.listen });
  const stopped = signals.stoppedAtOnce();
  if (stopped !== undefined) return stopped;
  if (!result.ok) {
    sayDiagnostics(result.diagnostics);
    return exitCodes.internal;
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  say(
    `Self-test   ${formatCountOf(result.value, 'job')} in ${formatCountOf(cores, 'worker')}, every result as it must be, ${seconds} s`,
  );
  return exitCodes.done;
}
