import { markVariable } from './worker/end-all.ts';
import { nodeOptionsVariable, workerRole } from './worker/messages.ts';

/** Packaged: the executable alone, which reads `--node-options`. Under Node: the bundle comes behind Node's own options. */
export function commandLine(memoryLimitBytes: number | undefined): string[] {
  const bundle = process.env.JOB_SPLITTER_BUNDLE;
  // V8 takes its limit only when it starts.
  const limits =
    memoryLimitBytes === undefined ? [] : [`--max-old-space-size=${Math.floor(memoryLimitBytes / 1024 ** 2)}`];
  if (bundle !== undefined) return [...limits, bundle, workerRole];
  return [...limits.map((limit) => `--node-options=${limit}`), workerRole];
}

/**
 * Under Node the host's NODE_OPTIONS must not reach the worker, which finds them again for the programs that its jobs
 * start. (Packaged it would not look at them.)
 */
export function environmentOf(name: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: users, ...environment } = process.env;
  environment[markVariable] = name;
  if (users !== undefined) environment[nodeOptionsVariable] = users;
  return environment;
}
