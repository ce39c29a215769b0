import type { BuildInfo } from './build-info.ts';
import { experimentIn } from './experiment-in.ts';
import { runCli } from './face/cli.ts';
import { selfTest, selfTestVariable } from './self-test.ts';

/** The executable as people start it. Called by the stub that the recipe in `build/` makes. */
export async function start(loadEntry: () => Promise<object>, build: BuildInfo): Promise<void> {
  const words = process.argv.slice(2);
  try {
    const experiment = isSelfTest(words) ? selfTest : experimentIn(await loadEntry());
    if (experiment === undefined) {
      process.stderr.write(
        'The entry must have an experiment as its default export: export default defineExperiment({ … })\n',
      );
      process.exitCode = 2;
      return;
    }
    process.exitCode = await runCli({ experiment, build }, words);
  } catch (error) {
    process.stderr.write(
      `Internal error (please report it): ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}

/** Workers are told by a variable, which counts for nothing else. */
function isSelfTest(words: readonly string[]): boolean {
  const is = words[0] === '--self-test';
  if (is) process.env[selfTestVariable] = '1';
  else delete process.env[selfTestVariable];
  return is;
}
