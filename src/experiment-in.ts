import type { AnyExperiment } from './experiment.ts';

/** The default export of an entry, if it is an experiment. */
export function experimentIn(entry: object): AnyExperiment | undefined {
  const value: unknown = Reflect.get(entry, 'default');
  return isExperiment(value) ? value : undefined;
}

function isExperiment(value: unknown): value is AnyExperiment {
  return (
    typeof value === 'object' && value !== null && 'jobs' in value && 'job' in value && typeof value.job === 'function'
  );
}
