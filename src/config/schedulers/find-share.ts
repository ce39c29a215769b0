import { failed, ok, type Result } from '../../core/diagnostic.ts';
import { type EqualShare, sharesMax } from '../../core/equal-shares.ts';
import type { Environment } from '../environment.ts';
import { type Finding, Numbers } from './finding.ts';
import type { Scheduler } from './rules.ts';
import { openMpi, pmi, schedulers, slurmArray, slurmStep } from './schedulers.ts';

export interface FoundShare {
  readonly share: EqualShare;
  /** `SLURM_ARRAY_TASK_ID=3, SLURM_ARRAY_TASK_COUNT=20`. */
  readonly from: string;
}

type Found = ReadonlyMap<Scheduler, Finding>;

/**
 * Which share the environment says this is; `undefined`: no scheduler has started this process as one of many. Nothing is
 * guessed: what is not told, or told in two ways, is refused with the flag that says it.
 */
export function findShare(environment: Environment): Result<FoundShare | undefined> {
  const numbers = new Numbers(environment);
  const found = new Map<Scheduler, Finding>();
  for (const scheduler of schedulers) {
    const finding = scheduler.find(numbers, scheduler);
    if (finding !== undefined) found.set(scheduler, finding);
  }
  const effective = dropRepeated(found);
  const [first, second] = effective.values();
  if (first === undefined) return ok(undefined);
  if (second === undefined) return first.kind === 'share' ? ok(first) : failed(first.diagnostic);
  const [array, step] = [effective.get(slurmArray), effective.get(slurmStep)];
  return effective.size === 2 && array !== undefined && step !== undefined
    ? combine(array, step)
    : refuseSeveral(effective);
}

/**
 * mpirun starts its daemons as a step of Slurm, so a rank is inside of what the step says; where srun itself gives ranks
 * (`--mpi=pmi2`), they are the step's.
 */
function dropRepeated(found: Found): Found {
  const [step, ranks, others] = [found.get(slurmStep), found.get(openMpi), found.get(pmi)];
  const dropped = new Set<Scheduler>();
  if (ranks !== undefined && others !== undefined && isSame(ranks, others)) dropped.add(pmi);
  if (step !== undefined && others !== undefined && isSame(step, others)) dropped.add(pmi);
  const inner = [openMpi, pmi].some((scheduler) => found.has(scheduler) && !dropped.has(scheduler));
  if (inner) dropped.add(slurmStep);
  return new Map([...found].filter(([scheduler]) => !dropped.has(scheduler)));
}

function isSame(one: Finding, other: Finding): boolean {
  if (one.kind !== 'share' || other.kind !== 'share') return false;
  return one.share.index === other.share.index && one.share.count === other.share.count;
}

/** Each element of the array runs a step: all their processes together are the shares. */
function combine(array: Finding, step: Finding): Result<FoundShare> {
  for (const part of [array, step]) if (part.kind === 'unusable') return failed(part.diagnostic);
  if (array.kind !== 'share' || step.kind !== 'share') throw new Error('Internal error: an unusable share');
  const count = array.share.count * step.share.count;
  const from = `${array.from}, ${step.from}`;
  if (count > sharesMax) {
    const message = `array and step together are ${count} shares (${from}), and there are at most ${sharesMax}`;
    return failed({ severity: 'error', message, hint: 'a share may hold any number of jobs: use fewer' });
  }
  return ok({ share: { index: (array.share.index - 1) * step.share.count + step.share.index, count }, from });
}

function refuseSeveral(found: Found): Result<never> {
  const list = [...found].map(([{ name }, { from }]) => `${name} (${from})`);
  const message = `several say which share this is: ${list.join(' and ')}`;
  return failed({ severity: 'error', message, hint: 'say it: --share i/n' });
}
