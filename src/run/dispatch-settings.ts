import type { Settings } from '../config/settings.ts';
import type { DispatchPolicy } from '../core/dispatch/policy.ts';
import type { WorkerTask } from '../runtime/worker/messages.ts';
import type { WorkerLimits } from '../runtime/worker-starts.ts';
import type { ShareRequest } from './share-request.ts';

/** The settings that the dispatcher goes by. */
export function policyOf({ prepared, cores, untilMs }: ShareRequest): DispatchPolicy {
  const { run, progressPool } = prepared.resolved.settings;
  return {
    cores,
    retries: run.retries,
    crashLimit: run.crashLimit,
    timeoutMs: run.timeoutMs,
    graceMs: run.graceMs,
    chunkJobs: progressPool.chunksize,
    jobsPerWorkerMax: run.maxJobsPerWorker,
    halt: run.halt,
    untilMs,
  };
}

/** A worker with nothing to do needs about 70 MiB; a limit below this counts as this. */
const memoryLimitMinBytes = 128 * 1024 ** 2;

/** How the processes of workers are started. */
export function limitsOf({ memoryLimitBytes, nice }: Settings['run']): WorkerLimits {
  const limit = memoryLimitBytes === undefined ? undefined : Math.max(memoryLimitBytes, memoryLimitMinBytes);
  return { memoryLimitBytes: limit, nice };
}

/** What every worker is told. */
export function workerTaskOf(
  { prepared, machine }: Pick<ShareRequest, 'prepared' | 'machine'>,
  runFolder: string,
  sessionStartedAtMs: number,
): WorkerTask {
  const { run, random, logging, results } = prepared.resolved.settings;
  return {
    config: prepared.resolved.config.snapshot(),
    seed: prepared.seed,
    stream: random.stream,
    mathRandom: random.mathRandom,
    logLevel: logging.level,
    memoryLimitBytes: limitsOf(run).memoryLimitBytes,
    runFolder,
    recipe: prepared.pool.recipe(),
    csv: { shape: results, sessionStartedAtMs, machine, seed: prepared.seed },
  };
}
