import { failed, type Result } from './core/diagnostic.ts';
import type { AnyExperiment } from './experiment.ts';
import { checkFields } from './experiment-fields.ts';
import { keptPromise } from './runtime/kept-promise.ts';
import { describeFailure } from './runtime/worker/failure.ts';

const example = 'export default defineExperiment({ … })';

/** Loads the entry, which is the user's: what it throws, or is not, is told as theirs. `name`: of its file. */
export async function loadExperiment(loadEntry: () => Promise<object>, name: string): Promise<Result<AnyExperiment>> {
  let value: unknown;
  try {
    value = Reflect.get(await keptPromise(loadEntry()), 'default');
  } catch (thrown) {
    const message = `the experiment's file (${name}) threw while it was loaded: ${describeThrown(thrown)}`;
    const hint = 'what stands outside of functions runs whenever the file is loaded, at each start and in each worker';
    return failed({ severity: 'error', message, hint });
  }
  if (typeof value === 'object' && value !== null) return checkFields(value, name);
  return failed({
    severity: 'error',
    message: `The entry must have an experiment as its default export: ${example}`,
  });
}

/** The message, and the user's lines of the stack. */
function describeThrown(thrown: unknown): string {
  const { message, stack } = describeFailure(thrown);
  const lines = stack.split('\n').filter((line) => !loaders.some((loader) => loader.test(line)));
  return lines.join('\n') || message;
}

/** Frames of what loads the entry: the bundler's functions, the stub, and the program itself. */
const loaders = [
  /^ *at (?:async )?__(?:init|require)\d* /,
  /^ *at (?:async )?[^ (]*\bstart\.ts:\d+:\d+$/,
  /\bsrc[\\/](?:load-experiment|program|runtime[\\/]kept-promise)\.ts:/,
];
