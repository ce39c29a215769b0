import { ok, type Result } from '../core/diagnostic.ts';
import type { JobIndex } from '../core/ids.ts';
import { pickSample, runSample, type Sample } from './sample.ts';
import type { ShareRequest } from './share-request.ts';

/** How fast this machine runs jobs of the pool. */
export interface MachineSpeed {
  readonly cores: number;
  /** Jobs that were run with all cores busy. */
  readonly jobs: number;
  /** Mean time of a job with all cores busy. */
  readonly busyMs: number;
  /** Of some of these jobs: alone on the machine, and with all cores busy. */
  readonly aloneMs: number;
  readonly sameBusyMs: number;
  /** Jobs per second and core, with all cores busy: the same jobs on every machine, so that these compare. */
  readonly weight: number;
  /** What all cores together do, in cores of a machine that does nothing else. */
  readonly effectiveCores: number;
}

/** So many of the jobs are run alone first. */
const aloneMax = 8;

/** Runs some jobs spread over the pool, a few of them one by one, all of them on all cores. Leaves nothing behind. */
export async function calibrateHere(
  request: Omit<ShareRequest, 'only' | 'out'>,
  count: number,
): Promise<Result<MachineSpeed | { readonly problem: string }>> {
  const jobs = pickSample(request.prepared.pool.length, count);
  const few = pickSample(jobs.length, aloneMax).flatMap((at) => jobs[at] ?? []);
  const alone = await runSample({ ...request, cores: 1 }, few);
  if (!alone.ok) return alone;
  const busy = await runSample(request, jobs);
  if (!busy.ok) return busy;
  const inBoth = few.filter((job) => alone.value.runMsOf.has(job) && busy.value.runMsOf.has(job));
  if (inBoth.length === 0) return ok({ problem: 'no job succeeded: nothing can be measured' });
  const aloneMs = meanOf(alone.value, inBoth);
  const sameBusyMs = meanOf(busy.value, inBoth);
  const busyMs = meanOf(busy.value, [...busy.value.runMsOf.keys()]);
  const { cores } = request;
  return ok({
    cores,
    jobs: busy.value.runMsOf.size,
    busyMs,
    aloneMs,
    sameBusyMs,
    weight: 1_000 / busyMs,
    effectiveCores: (cores * aloneMs) / sameBusyMs,
  });
}

function meanOf({ runMsOf }: Sample, jobs: readonly JobIndex[]): number {
  const sum = jobs.reduce((total, job) => total + (runMsOf.get(job) ?? 0), 0);
  return Math.max(sum / jobs.length, 1e-3);
}
