import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryFolder } from '../../build/folders.ts';
import type { Environment } from '../../src/config/environment.ts';
import { findCores } from '../../src/config/schedulers/find-cores.ts';
import { findShare } from '../../src/config/schedulers/find-share.ts';
import { schedulers } from '../../src/config/schedulers/schedulers.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';

/** `3/20`, `none`, or why it is refused. */
function shareIn(environment: Environment): string {
  const found = findShare(environment);
  if (!found.ok) return found.diagnostics.map(renderDiagnostic).join('\n');
  return found.value === undefined ? 'none' : `${found.value.share.index}/${found.value.share.count}`;
}

const slurmArray = (id: number, min: number, max: number, step: number, count: number): Environment => ({
  SLURM_ARRAY_TASK_ID: String(id),
  SLURM_ARRAY_TASK_MIN: String(min),
  SLURM_ARRAY_TASK_MAX: String(max),
  SLURM_ARRAY_TASK_STEP: String(step),
  SLURM_ARRAY_TASK_COUNT: String(count),
});
const slurmStep = (rank: number, count: number): Environment => ({
  SLURM_PROCID: String(rank),
  SLURM_STEP_NUM_TASKS: String(count),
  SLURM_STEP_ID: '0',
  SLURM_NTASKS: String(count),
});
const gridEngine = (id: string, first: string, last: string, step: string): Environment => ({
  SGE_TASK_ID: id,
  SGE_TASK_FIRST: first,
  SGE_TASK_LAST: last,
  SGE_TASK_STEPSIZE: step,
});

type Row = readonly [string, Environment, string | RegExp];

/** At least one for each row of the table, by the name that stands there. */
const rows: Readonly<Record<string, readonly Row[]>> = {
  'the Slurm array': [
    ['--array=1-20', slurmArray(3, 1, 20, 1, 20), '3/20'],
    ['--array=0-19', slurmArray(0, 0, 19, 1, 20), '1/20'],
    ['--array=1-7:2', slurmArray(5, 1, 7, 2, 4), '3/4'],
    ['--array=5-8', slurmArray(8, 5, 8, 1, 4), '4/4'],
    ['--array=1,5,9 says step 1', slurmArray(5, 1, 9, 1, 3), /no regular range.*there are 3(.|\n)*--share/],
    ['--array=5 alone would take the whole pool', slurmArray(5, 5, 5, 1, 1), /one element(.|\n)*--share \$SLURM_ARR/],
    ['--array=1 alone too', slurmArray(1, 1, 1, 1, 1), /one element/],
    ['an index alone', { SLURM_ARRAY_TASK_ID: '3' }, /nothing says of how many(.|\n)*--share \$SLURM_ARRAY_TASK_ID\/N/],
    ['an index outside', slurmArray(21, 1, 20, 1, 20), /contradict/],
    ['an index between two', slurmArray(2, 1, 7, 2, 4), /contradict/],
    ['a step of 0', slurmArray(2, 1, 7, 0, 7), /contradict/],
    ['no number', { ...slurmArray(3, 1, 20, 1, 20), SLURM_ARRAY_TASK_ID: '$(id)' }, /no number \(SLURM.*"\$\(id\)"/],
    ['more than there may be', slurmArray(1, 1, 10_001, 1, 10_001), /at most 10000/],
    ['an empty variable is none', { SLURM_ARRAY_TASK_ID: '' }, 'none'],
  ],
  'the Slurm step': [
    ['srun -n4', slurmStep(2, 4), '3/4'],
    ['the batch script of sbatch -n4', { SLURM_PROCID: '0', SLURM_NTASKS: '4', SLURM_JOB_ID: '7' }, 'none'],
    ['the batch step', { ...slurmStep(0, 1), SLURM_STEP_ID: '4294967291' }, 'none'],
    ['an interactive step', { ...slurmStep(0, 1), SLURM_STEP_ID: '4294967290' }, 'none'],
    ['the number of the job, not of the step', { ...slurmStep(1, 2), SLURM_NTASKS: '8' }, '2/2'],
    ['a rank alone', { SLURM_PROCID: '1', SLURM_STEP_ID: '0' }, /of how many(.|\n)*\$\(\(SLURM_PROCID \+ 1\)\)\/N/],
    ['array and step', { ...slurmArray(2, 1, 3, 1, 3), ...slurmStep(1, 4) }, '6/12'],
    ['array and step of one', { ...slurmArray(2, 1, 3, 1, 3), ...slurmStep(0, 1) }, '2/3'],
    ['a list and step', { ...slurmArray(5, 1, 9, 1, 3), ...slurmStep(1, 4) }, /no regular range/],
    ['too many together', { ...slurmArray(1, 1, 200, 1, 200), ...slurmStep(0, 100) }, /together are 20000 shares/],
  ],
  'Open MPI': [
    ['mpirun -n 4', { OMPI_COMM_WORLD_RANK: '3', OMPI_COMM_WORLD_SIZE: '4' }, '4/4'],
    ['a rank alone', { OMPI_COMM_WORLD_RANK: '3' }, /of how many(.|\n)*\$\(\(OMPI_COMM_WORLD_RANK \+ 1\)\)\/N/],
    ['a rank outside', { OMPI_COMM_WORLD_RANK: '4', OMPI_COMM_WORLD_SIZE: '4' }, /cannot be taken/],
    [
      'its daemons are a step of Slurm',
      { OMPI_COMM_WORLD_RANK: '5', OMPI_COMM_WORLD_SIZE: '8', ...slurmStep(1, 2) },
      '6/8',
    ],
    [
      'in a Slurm array',
      { OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2', ...slurmArray(2, 1, 3, 1, 3) },
      /several say which share this is: the Slurm array \(.*\) and Open MPI \(.*\)\n.*--share i\/n/,
    ],
  ],
  PMI: [
    ['mpiexec -n 4', { PMI_RANK: '0', PMI_SIZE: '4' }, '1/4'],
    ['a rank alone', { PMI_RANK: '0' }, /of how many/],
    ['srun --mpi=pmi2', { PMI_RANK: '2', PMI_SIZE: '4', ...slurmStep(2, 4) }, '3/4'],
    [
      'srun --mpi=pmi2 in an array',
      { PMI_RANK: '2', PMI_SIZE: '4', ...slurmStep(2, 4), ...slurmArray(2, 1, 3, 1, 3) },
      '7/12',
    ],
    ['its proxies are a step of Slurm', { PMI_RANK: '5', PMI_SIZE: '8', ...slurmStep(1, 2) }, '6/8'],
    ['as Open MPI says', { PMI_RANK: '1', PMI_SIZE: '4', OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '4' }, '2/4'],
    [
      'not as Open MPI says',
      { PMI_RANK: '1', PMI_SIZE: '4', OMPI_COMM_WORLD_RANK: '2', OMPI_COMM_WORLD_SIZE: '4' },
      /several/,
    ],
  ],
  'the PBS array': [
    ['qsub -J 1-20', { PBS_ARRAY_INDEX: '3', PBS_JOBID: '7[3]' }, /of how many(.|\n)*--share \$PBS_ARRAY_INDEX\/N/],
    ['no array', { PBS_JOBID: '7' }, 'none'],
  ],
  'the TORQUE array': [['qsub -t 1-20', { PBS_ARRAYID: '3' }, /of how many(.|\n)*--share \$PBS_ARRAYID\/N/]],
  'the Grid Engine array': [
    ['qsub -t 1-20', gridEngine('20', '1', '20', '1'), '20/20'],
    ['qsub -t 2-10:4', gridEngine('10', '2', '10', '4'), '3/3'],
    ['the last one is between two', gridEngine('5', '1', '8', '4'), '2/2'],
    ['no array', gridEngine('undefined', 'undefined', 'undefined', 'undefined'), 'none'],
    ['qsub -t 5 alone', gridEngine('5', '5', '5', '1'), /one element/],
    ['no end', { SGE_TASK_ID: '5' }, /of how many(.|\n)*--share \$SGE_TASK_ID\/N/],
  ],
  'the LSF array': [
    ['bsub -J "x[1-20]"', { LSB_JOBINDEX: '3', LSB_JOBINDEX_END: '20', LSB_JOBINDEX_STEP: '1' }, '3/20'],
    ['no array', { LSB_JOBINDEX: '0', LSB_JOBINDEX_END: '0', LSB_JOBINDEX_STEP: '0' }, 'none'],
    ['a step', { LSB_JOBINDEX: '4', LSB_JOBINDEX_END: '20', LSB_JOBINDEX_STEP: '3' }, /where they begin is not told/],
    ['no end', { LSB_JOBINDEX: '3' }, /of how many(.|\n)*--share \$LSB_JOBINDEX\/N/],
    ['one element', { LSB_JOBINDEX: '1', LSB_JOBINDEX_END: '1', LSB_JOBINDEX_STEP: '1' }, /one element/],
  ],
  'the Kubernetes indexed Job': [
    ['any', { JOB_COMPLETION_INDEX: '0' }, /of how many(.|\n)*--share \$\(\(JOB_COMPLETION_INDEX \+ 1\)\)\/N/],
  ],
  'the AWS Batch array': [
    ['10 children', { AWS_BATCH_JOB_ARRAY_INDEX: '9', AWS_BATCH_JOB_ARRAY_SIZE: '10' }, '10/10'],
    ['no size', { AWS_BATCH_JOB_ARRAY_INDEX: '9' }, /of how many(.|\n)*\$\(\(AWS_BATCH_JOB_ARRAY_INDEX \+ 1\)\)\/N/],
  ],
};

describe('which share this is, as schedulers tell it', () => {
  for (const { name } of schedulers) {
    for (const [what, environment, expected] of rows[name] ?? [['has no test', {}, 'a test']]) {
      it(`${name}: ${what}`, () => {
        const found = shareIn(environment);
        if (typeof expected === 'string') assert.equal(found, expected);
        else assert.match(found, expected);
      });
    }
  }

  it('two of them at once are never chosen from', () => {
    const both = { ...slurmArray(3, 1, 20, 1, 20), ...gridEngine('3', '1', '20', '1') };
    assert.match(shareIn(both), /several.*the Slurm array.*the Grid Engine array/);
    assert.match(shareIn({ PBS_ARRAY_INDEX: '1', OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2' }), /several/);
  });

  it('nothing at all is no scheduler', () => assert.equal(shareIn({ PATH: '/bin', HOME: '/' }), 'none'));

  it('docs/SCHEDULERS.md lists each with its variables and its source', () => {
    const page = readFileSync(join(repositoryFolder, 'docs', 'SCHEDULERS.md'), 'utf8');
    for (const { variables, source } of schedulers) {
      const line = page.split('\n').find((it) => variables.every((name) => it.includes(`\`${name}\``)));
      assert.ok(line?.includes(source), `${variables[0]}: ${source}`);
    }
  });
});

describe('how many cores this process was given', () => {
  const slurm = { SLURM_JOB_ID: '7' };
  const found: readonly (readonly [string, Environment, string])[] = [
    ['Slurm', { ...slurm, SLURM_CPUS_PER_TASK: '4', SLURM_CPUS_ON_NODE: '16' }, '4 SLURM_CPUS_PER_TASK'],
    ['a batch script without --cpus-per-task', { ...slurm, SLURM_CPUS_ON_NODE: '16' }, '16 SLURM_CPUS_ON_NODE'],
    [
      'a step with 4 processes on each of two hosts, 3 on the third',
      {
        ...slurm,
        SLURM_CPUS_ON_NODE: '12',
        SLURM_STEP_ID: '0',
        SLURM_STEP_TASKS_PER_NODE: '4(x2),3',
        SLURM_NODEID: '2',
      },
      '4 SLURM_CPUS_ON_NODE',
    ],
    [
      'fewer cores than processes',
      { ...slurm, SLURM_CPUS_ON_NODE: '2', SLURM_STEP_ID: '0', SLURM_STEP_TASKS_PER_NODE: '4' },
      '1 SLURM_CPUS_ON_NODE',
    ],
    ['outside of a job', { SLURM_CPUS_PER_TASK: '4' }, 'none'],
    ['no number', { ...slurm, SLURM_CPUS_PER_TASK: 'many' }, 'none'],
    ['PBS', { PBS_JOBID: '7', NCPUS: '8' }, '8 NCPUS'],
    ['NCPUS of somebody else', { NCPUS: '8' }, 'none'],
    ['Grid Engine', { SGE_TASK_ID: 'undefined', JOB_ID: '7', NSLOTS: '8', NHOSTS: '1' }, '8 NSLOTS'],
    ['slots on two hosts', { SGE_TASK_ID: '1', JOB_ID: '7', NSLOTS: '8', NHOSTS: '2' }, 'none'],
    ['LSF', { LSB_JOBID: '7', LSB_DJOB_NUMPROC: '8', LSB_MCPU_HOSTS: 'a 8 ' }, '8 LSB_DJOB_NUMPROC'],
    ['LSF on two hosts', { LSB_JOBID: '7', LSB_DJOB_NUMPROC: '8', LSB_MCPU_HOSTS: 'a 4 b 4' }, 'none'],
  ];
  for (const [what, environment, expected] of found) {
    it(what, () => {
      const cores = findCores(environment);
      assert.equal(cores === undefined ? 'none' : `${cores.cores} ${cores.from}`, expected);
    });
  }
});
