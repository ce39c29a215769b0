import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { poolLengthMax } from '../core/job-texts.ts';
import { approximateRatio } from '../core/ratio.ts';
import type { RescueChain } from '../core/rescue/generation.ts';
import { type Faults, type PlayReport, playPlan } from '../core/simulate/play-plan.ts';
import { factsOf } from './follow-rescue.ts';
import { readTimes } from './job-times.ts';
import type { Prepared } from './prepare.ts';

export interface SimulateRequest {
  readonly prepared: Prepared;
  /** Whose job times are played; none: those beside the three files. */
  readonly folders: readonly string[];
  readonly faults: Faults;
  /** What a job takes on a core of weight 1, where no journal tells it. */
  readonly jobMs: number | undefined;
  /** Another number of jobs than the pool has. */
  readonly jobs: number | undefined;
}

export interface Simulated extends PlayReport {
  /** Where the job times are from: `even` ones from a person, or from nobody. */
  readonly times: 'given' | 'assumed' | 'even-mean' | 'drawn';
  /** Mean, on a core of weight 1. */
  readonly meanMs: number;
  readonly jobs: number;
}

/** What a job takes where nothing is known. */
const assumedMs = 60_000;
/** More jobs than this are played as if all took the mean time. */
const drawnMax = 100_000;

/** Plays the plan under virtual time. */
export function simulate({ prepared, folders, faults, jobMs, jobs }: SimulateRequest): Result<Simulated> {
  const names = prepared.machines.map(({ name }) => String(name));
  const unknown = [...faults.killAt.keys(), ...faults.slowBy.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    return failed(error(`no plan names a machine ${JSON.stringify(unknown)}`, `known: ${names.join(', ')}`));
  }
  const total = jobs ?? prepared.pool.length;
  if (total > poolLengthMax) return failed(error(`${total} jobs are too many`, `at most ${poolLengthMax}`));
  const times = jobMs === undefined ? readSample(prepared, folders) : ok([]);
  if (!times.ok) return times;
  const sample = times.value;
  const meanMs = jobMs ?? (sample.length === 0 ? assumedMs : sample.reduce((a, b) => a + b, 0) / sample.length);
  const isEven = sample.length === 0 || total > drawnMax;
  const report = playPlan({
    chain: chainOf(prepared, total),
    faults,
    isEven,
    jobMs: isEven ? () => meanMs : (position) => sample[scatter(position) % sample.length] ?? meanMs,
  });
  const kind = jobMs !== undefined ? 'given' : sample.length === 0 ? 'assumed' : isEven ? 'even-mean' : 'drawn';
  return ok({ ...report, times: kind, meanMs, jobs: total });
}

/** Job times as a core of weight 1 would have taken. */
function readSample(prepared: Prepared, folders: readonly string[]): Result<readonly number[]> {
  const times = readTimes(prepared, folders);
  if (!times.ok) return times;
  return ok(
    times.value.flatMap(({ folder, sample }) => {
      const entry = prepared.machines.find(({ name }) => name === folder.header.machine);
      const weight = entry === undefined ? 1 : approximateRatio(entry.weight);
      return sample.map((ms) => Math.max(ms, 1e-3) * weight);
    }),
  );
}

function chainOf({ rescue, experimentDigest, planDigest, resolved, planned }: Prepared, jobs: number): RescueChain {
  const { order } = resolved.settings.run;
  if (rescue !== undefined && rescue.chain.plan.jobs === jobs) return rescue.chain;
  return { plan: { experimentDigest, planDigest, order, jobs, machines: factsOf(planned) }, generations: [] };
}

/** The same job takes the same time in each play: a hash of its position (the finish of MurmurHash3). */
function scatter(position: number): number {
  let hash = position ^ (position >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function error(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
