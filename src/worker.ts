import { experimentIn } from './experiment-in.ts';
import { serve } from './runtime/worker/serve.ts';
import { selfTest, selfTestVariable } from './self-test.ts';

/** The executable in its worker role. Called by the stub that the recipe in `build/` makes. */
export async function start(loadEntry: () => Promise<object>): Promise<void> {
  const experiment = process.env[selfTestVariable] === undefined ? experimentIn(await loadEntry()) : selfTest;
  if (experiment === undefined) throw new Error('Internal error: a worker of an entry without an experiment');
  serve(experiment);
}
