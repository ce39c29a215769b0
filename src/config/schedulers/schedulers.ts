import { withoutCount } from './finding.ts';
import { findElement, findLoneIndex, findRank, judge, type Scheduler } from './rules.ts';

export const slurmArray: Scheduler = {
  name: 'the Slurm array',
  variables: [
    'SLURM_ARRAY_TASK_ID',
    'SLURM_ARRAY_TASK_MIN',
    'SLURM_ARRAY_TASK_MAX',
    'SLURM_ARRAY_TASK_STEP',
    'SLURM_ARRAY_TASK_COUNT',
  ],
  source: 'https://slurm.schedmd.com/sbatch.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES',
  find: findElement,
};

/** In a batch script the rank is 0 whatever the number of tasks: it is one only where a step has been launched. */
export const slurmStep: Scheduler = {
  name: 'the Slurm step',
  variables: ['SLURM_PROCID', 'SLURM_STEP_NUM_TASKS', 'SLURM_STEP_ID'],
  source: 'https://slurm.schedmd.com/srun.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES',
  find: (numbers, scheduler) => {
    const step = numbers.get('SLURM_STEP_ID');
    return step === undefined || step >= firstReservedStep ? undefined : findRank(numbers, scheduler);
  },
};

/** Numbers from here on are no steps of srun: the batch script (0xfffffffb), an interactive shell (0xfffffffa) … */
const firstReservedStep = 0xffff_fff0;

export const openMpi: Scheduler = {
  name: 'Open MPI',
  variables: ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'],
  source: 'https://docs.open-mpi.org/en/v5.0.x/tuning-apps/environment-var.html',
  find: findRank,
};

/** MPICH, Intel MPI, Cray, and `srun --mpi=pmi2`. */
export const pmi: Scheduler = {
  name: 'PMI',
  variables: ['PMI_RANK', 'PMI_SIZE'],
  source: 'https://flux-framework.readthedocs.io/projects/flux-rfc/en/latest/spec_13.html',
  find: findRank,
};

const gridEngine: Scheduler = {
  name: 'the Grid Engine array',
  variables: ['SGE_TASK_ID', 'SGE_TASK_FIRST', 'SGE_TASK_LAST', 'SGE_TASK_STEPSIZE'],
  source: 'https://manpages.ubuntu.com/manpages/bionic/man1/sge_submit.1.html',
  // "undefined" where the job is no array.
  find: (numbers, scheduler) =>
    numbers.get('SGE_TASK_ID') === undefined ? undefined : findElement(numbers, scheduler),
};

/** 0 where the job is no array. The first index is told nowhere: it must be 1, which is why there must be no step. */
const lsf: Scheduler = {
  name: 'the LSF array',
  variables: ['LSB_JOBINDEX', 'LSB_JOBINDEX_END', 'LSB_JOBINDEX_STEP'],
  source: 'https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_admin/job_array_cl_args.html',
  find: (numbers, scheduler) => {
    const [index, last, step = 1] = scheduler.variables.map((name) => numbers.get(name));
    if (index === undefined || index === 0) return undefined;
    const from = numbers.spell(scheduler.variables);
    if (last === undefined || last === 0) return withoutCount(from, scheduler.name, '--share $LSB_JOBINDEX/N');
    return judge({ index, first: 1, last, step: step === 0 ? 1 : step }, from, scheduler, step <= 1);
  },
};

const pbsPro: Scheduler = {
  name: 'the PBS array',
  variables: ['PBS_ARRAY_INDEX'],
  source: 'https://docs.it4i.cz/general/job-arrays/',
  find: (numbers, scheduler) => findLoneIndex(numbers, scheduler, '--share $PBS_ARRAY_INDEX/N (of qsub -J 1-N)'),
};

const torque: Scheduler = {
  name: 'the TORQUE array',
  variables: ['PBS_ARRAYID'],
  source: 'http://docs.adaptivecomputing.com/torque/4-1-3/Content/topics/2-jobs/multiJobSubmission.htm',
  find: (numbers, scheduler) => findLoneIndex(numbers, scheduler, '--share $PBS_ARRAYID/N (of qsub -t 1-N)'),
};

const kubernetes: Scheduler = {
  name: 'the Kubernetes indexed Job',
  variables: ['JOB_COMPLETION_INDEX'],
  source: 'https://kubernetes.io/docs/tasks/job/indexed-parallel-processing-static/',
  find: (numbers, scheduler) =>
    findLoneIndex(numbers, scheduler, '--share $((JOB_COMPLETION_INDEX + 1))/N (N: completions of the Job)'),
};

const awsBatch: Scheduler = {
  name: 'the AWS Batch array',
  variables: ['AWS_BATCH_JOB_ARRAY_INDEX', 'AWS_BATCH_JOB_ARRAY_SIZE'],
  source: 'https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html',
  find: findRank,
};

/** One row for each; docs/SCHEDULERS.md is the same table for people. */
export const schedulers: readonly Scheduler[] = [
  slurmArray,
  slurmStep,
  openMpi,
  pmi,
  pbsPro,
  torque,
  gridEngine,
  lsf,
  kubernetes,
  awsBatch,
];
