import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildInfo } from '../build-info.ts';
import type { Diagnostic, Result } from '../core/diagnostic.ts';
import { failed, ok } from '../core/diagnostic.ts';
import type { StopHow } from '../core/dispatch/protocol.ts';
import { expectedSum, selfTest } from '../self-test.ts';
import { allMachines, prepareRun } from './prepare.ts';
import { runShare } from './run-share.ts';
import { readThreeFiles } from './three-files.ts';

export interface SelfTestRequest {
  readonly build: BuildInfo;
  readonly cores: number;
  readonly onStarted: (stop: (how: StopHow) => void) => void;
}

/** Runs a small experiment as any other, in a temporary folder that is gone afterwards; every result is checked. */
export async function runSelfTest({ build, cores, onStarted }: SelfTestRequest): Promise<Result<number>> {
  const folder = mkdtempSync(join(tmpdir(), 'job-splitter-self-test-'));
  try {
    const files = readThreeFiles(folder);
    const prepared = await prepareRun({ experiment: selfTest, build, files, environment: {}, overrides: [] });
    if (!prepared.ok) return prepared;
    const result = await runShare({
      experiment: selfTest,
      build,
      prepared: prepared.value,
      machine: allMachines,
      cores,
      out: join(folder, 'run'),
      retryFailed: false,
      rerunOlderCode: false,
      acceptCode: () => true,
      untilMs: undefined,
      reporter: { on: () => undefined },
      onStarted,
    });
    if (!result.ok) return result;
    if (result.value.kind !== 'ended') throw new Error(`Internal error: a self-test that is ${result.value.kind}`);
    const { jobs, reduced } = result.value.summary;
    const problem = findProblem(jobs, reduced, readFileSync(join(folder, 'run', 'results.csv'), 'utf8'));
    return problem === undefined ? ok(jobs.done) : failed(problem);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What is not as it must be. */
function findProblem(
  jobs: { readonly total: number; readonly done: number; readonly retried: number },
  reduced: unknown,
  table: string,
): Diagnostic | undefined {
  const rows = table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').slice(-4).map(Number));
  const wrong = rows.find(([n = 0, replicate = 0, sum]) => sum !== expectedSum(n, replicate));
  const total = rows.reduce((so, [n = 0, replicate = 0]) => so + expectedSum(n, replicate), 0);
  if (jobs.done !== jobs.total) return problemOf(`${jobs.done} of ${jobs.total} jobs succeeded`);
  if (new Set(rows.map(String)).size !== jobs.total)
    return problemOf(`results.csv has ${rows.length} rows for ${jobs.total} jobs`);
  if (wrong !== undefined) return problemOf(`a job returned ${wrong.join(', ')}`);
  if (reduced !== total) return problemOf(`the reduced value is ${String(reduced)} instead of ${total}`);
  if (jobs.retried !== 1) return problemOf(`${jobs.retried} jobs were retried instead of one`);
  return undefined;
}

function problemOf(what: string): Diagnostic {
  const hint = 'copy the executable again, compare its checksum; please report it if this stays';
  return { severity: 'error', message: `The self-test failed: ${what}`, hint };
}
