import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok, type Result } from '../core/diagnostic.ts';
import type { JobIndex } from '../core/ids.ts';
import { decodeJson } from '../core/json.ts';
import type { Failure } from '../core/outcome.ts';
import type { RowText } from '../core/row-text.ts';
import type { AnyExperiment } from '../experiment.ts';
import { filesPath } from '../runtime/run-folder.ts';
import { neverHappens, whenIdle } from '../runtime/when-idle.ts';
import { SentCall } from '../runtime/worker/job-call.ts';
import { redirectMarks } from '../runtime/worker/marks.ts';
import { ExperimentRunner } from '../runtime/worker/run-job.ts';
import { workerTaskOf } from './dispatch-settings.ts';
import { allMachines, type Prepared } from './prepare.ts';
import { callUserCode } from './user-code.ts';

export interface ReplayRequest {
  readonly experiment: AnyExperiment;
  readonly prepared: Prepared;
  readonly job: JobIndex;
  readonly attempt: number;
  /** What the job logs and how far it says it is, a line each. */
  readonly onMark: (mark: string) => void;
  /** Called right before the job. */
  readonly onReady: () => void;
}

export type Replay = {
  readonly runMs: number;
  /** Where its files are; `undefined`: it wrote none. */
  readonly files: string | undefined;
} & (
  | { readonly kind: 'succeeded'; readonly rows: readonly RowText[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
);

type Answer =
  | { readonly kind: 'succeeded'; readonly rows: readonly RowText[] }
  | { readonly kind: 'failed'; readonly failure: Failure };

/**
 * Runs one job in this process as a worker would: the same arguments, random numbers and surroundings. Without time and memory
 * limits, from no checkpoint, its files in a temporary folder. `setup` and `initializeWorker` run before it.
 */
export async function runJobHere(request: ReplayRequest): Promise<Result<Replay>> {
  const { experiment, prepared, job } = request;
  const { config } = prepared.resolved;
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-job-'));
  redirectMarks(request.onMark);
  const ready = await callUserCode('setup', () => experiment.setup?.(config));
  const initialised = ready.ok
    ? await callUserCode('initializeWorker', () => experiment.initializeWorker?.(config))
    : ready;
  if (!initialised.ok) {
    rmSync(folder, { recursive: true, force: true });
    return initialised;
  }
  const startedMs = performance.now();
  const answer = await runIn(folder, request);
  const runMs = performance.now() - startedMs;
  const files = filesPath(folder, job);
  const keeps = existsSync(files) && readdirSync(files).length > 0;
  if (!keeps) rmSync(folder, { recursive: true, force: true });
  return ok({ ...answer, runMs, files: keeps ? files : undefined });
}

async function runIn(folder: string, request: ReplayRequest): Promise<Answer> {
  const { experiment, prepared, job, attempt, onReady } = request;
  const task = workerTaskOf({ prepared, machine: allMachines }, folder, Date.now());
  const { signal } = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const runner = new ExperimentRunner(experiment, task, 0, prepared.resolved.config, signal, {
    succeeded: (_, rows) => resolve({ kind: 'succeeded', rows }),
    failed: ({ failure }) => resolve({ kind: 'failed', failure }),
  });
  const listeners = {
    uncaughtException: (thrown: unknown): unknown => runner.blame(thrown),
    unhandledRejection: (thrown: unknown): unknown => runner.blame(thrown),
  };
  for (const [event, listener] of Object.entries(listeners)) process.on(event, listener);
  const endIdle = whenIdle(() => runner.blame(neverHappens()));
  const argsJson = prepared.pool.spell(job);
  const args = decodeJson(argsJson) as unknown[];
  onReady();
  runner.run(new SentCall(job, attempt, prepared.occurrences.get(job) ?? 0, argsJson, args));
  const answer = await promise;
  for (const [event, listener] of Object.entries(listeners)) process.off(event, listener);
  endIdle();
  return answer;
}
