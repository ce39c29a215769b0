import type { Environment } from '../environment.ts';
import { Numbers } from './finding.ts';

export interface FoundCores {
  readonly cores: number;
  /** `SLURM_CPUS_PER_TASK`. */
  readonly from: string;
}

/** More than any machine has: not a number of cores. */
const coresMax = 65_536;

/**
 * How many cores a scheduler has given to this process; `undefined`: it does not say. Believed only within a job of that
 * scheduler: names such as NCPUS are set for other reasons, too.
 */
export function findCores(environment: Environment): FoundCores | undefined {
  const numbers = new Numbers(environment);
  const found = sources.filter(({ within }) => within.every((name) => numbers.has(name)));
  for (const source of found) {
    const cores = source.find(numbers, environment);
    if (cores !== undefined && cores >= 1 && cores <= coresMax) return { cores, from: source.from };
  }
  return undefined;
}

interface CoresSource {
  /** What is set in every job of this scheduler. */
  readonly within: readonly string[];
  readonly from: string;
  readonly find: (numbers: Numbers, environment: Environment) => number | undefined;
}

const sources: readonly CoresSource[] = [
  {
    within: ['SLURM_JOB_ID'],
    from: 'SLURM_CPUS_PER_TASK',
    find: (numbers) => numbers.get('SLURM_CPUS_PER_TASK'),
  },
  { within: ['SLURM_JOB_ID'], from: 'SLURM_CPUS_ON_NODE', find: partOfNode },
  { within: ['PBS_JOBID'], from: 'NCPUS', find: (numbers) => numbers.get('NCPUS') },
  {
    within: ['SGE_TASK_ID', 'JOB_ID'],
    from: 'NSLOTS',
    // Slots on several hosts are not this host's.
    find: (numbers) => (numbers.get('NHOSTS') === 1 ? numbers.get('NSLOTS') : undefined),
  },
  {
    within: ['LSB_JOBID'],
    from: 'LSB_DJOB_NUMPROC',
    find: (numbers, { LSB_MCPU_HOSTS = '' }) =>
      LSB_MCPU_HOSTS.trim().split(/\s+/).length === 2 ? numbers.get('LSB_DJOB_NUMPROC') : undefined,
  },
];

/** What the job, or the step, has of this host, divided among the step's processes here. */
function partOfNode(numbers: Numbers, { SLURM_STEP_TASKS_PER_NODE = '' }: Environment): number | undefined {
  const cores = numbers.get('SLURM_CPUS_ON_NODE');
  if (cores === undefined || !numbers.has('SLURM_STEP_ID')) return cores;
  const tasks = tasksOn(numbers.get('SLURM_NODEID') ?? 0, SLURM_STEP_TASKS_PER_NODE);
  return tasks === undefined ? undefined : Math.max(1, Math.floor(cores / tasks));
}

/** Of `4(x2),3`: 4 on the nodes 0 and 1, 3 on node 2. */
function tasksOn(node: number, text: string): number | undefined {
  let before = 0;
  for (const part of text.split(',')) {
    const [, tasks, times = '1'] = /^(\d{1,6})(?:\(x(\d{1,6})\))?$/.exec(part.trim()) ?? [];
    if (tasks === undefined || Number(tasks) === 0) return undefined;
    before += Number(times);
    if (node < before) return Number(tasks);
  }
  return undefined;
}
