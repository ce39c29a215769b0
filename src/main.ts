import type { BuildInfo } from './build-info.ts';
import type { AnyExperiment } from './experiment.ts';
import { workerRole } from './runtime/worker/messages.ts';

/** The executable: in its worker role, or as people start it. Called by the stub that the recipe in `build/` makes. */
export async function main(experiment: unknown, build: BuildInfo): Promise<void> {
  if (!isExperiment(experiment)) {
    process.stderr.write(
      'The entry must have an experiment as its default export: export default defineExperiment({ … })\n',
    );
    process.exitCode = 2;
    return;
  }
  const words = process.argv.slice(2);
  if (words[0] === workerRole && process.send !== undefined) {
    const { serve } = await import('./runtime/worker/serve.ts');
    serve(experiment);
    return;
  }
  const { runCli } = await import('./face/cli.ts');
  try {
    process.exitCode = await runCli({ experiment, build }, words);
  } catch (error) {
    process.stderr.write(
      `Internal error (please report it): ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}

function isExperiment(value: unknown): value is AnyExperiment {
  return (
    typeof value === 'object' && value !== null && 'jobs' in value && 'job' in value && typeof value.job === 'function'
  );
}
