import { basename, dirname, relative } from 'node:path';
import { secondsOfSlurmTime } from '../config/slurm-values.ts';
import { phraseOf } from '../core/agreement.ts';
import { formatCountOf } from '../core/format-count.ts';
import { quoteForBash } from '../core/shell-word.ts';
import type { BatchJob } from '../core/slurm/batch-job.ts';
import { checkPlan } from '../run/check-plan.ts';
import type { Prepared } from '../run/prepare.ts';
import { type SlurmScripts, writeSlurm } from '../run/write-slurm.ts';
import { submitBatch } from '../runtime/sbatch.ts';
import { exitCodes } from './exit-codes.ts';
import { type CommonFlags, type Program, prepare } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

export interface SlurmFlags
  extends CommonFlags,
    Pick<BatchJob, 'shares' | 'coresPerShare' | 'time' | 'partition' | 'account'> {
  readonly mem?: string;
  readonly beforeLimit: number;
  readonly out?: string;
  readonly submit?: boolean;
}

/** Slurm's MaxArraySize is 1001 where nobody has set it, and indices stay below it. */
const usualIndexMax = 1_000;

/** Writes the scripts of an array of shares and of the merge behind it, and submits them with `--submit`; returns the exit code. */
export async function slurmCommand(program: Program, flags: SlurmFlags): Promise<number> {
  if (/^node(\.exe)?$/.test(basename(process.execPath))) {
    say('slurm writes a script that starts the executable: build it first (make exe), and call slurm with that.');
    return exitCodes.usage;
  }
  const prepared = await prepare(program, flags.set, { equalShares: flags.shares });
  if (typeof prepared === 'number') return prepared;
  const check = checkPlan(prepared, undefined);
  if (check.kind !== 'agrees') {
    sayDiagnostics(check.diagnostics);
    return check.kind === 'differs' ? exitCodes.mismatch : exitCodes.usage;
  }
  warnOfCounts(flags.shares, prepared.pool.length);
  if (flags.time !== undefined && secondsOfSlurmTime(flags.time) <= flags.beforeLimit) {
    const seconds = secondsOfSlurmTime(flags.time);
    say(
      `--time ${flags.time} is ${seconds} s, and every share begins to stop ${flags.beforeLimit} s before its end (--before-limit):`,
    );
    say('nothing would be computed. Give more time, or a smaller --before-limit.');
    return exitCodes.usage;
  }
  const written = writeSlurm(jobOf(prepared, flags), flags.out);
  if (!written.ok) {
    sayDiagnostics(written.diagnostics);
    return exitCodes.usage;
  }
  say(
    `Written     ${written.value.array}: ${formatCountOf(flags.shares, 'share')} of ${formatCountOf(prepared.pool.length, 'job')}`,
  );
  say(`            ${written.value.merge}: the merge`);
  say(`Digest      ${phraseOf(prepared.agreement)}`);
  return flags.submit === true ? submit(written.value) : showCommands(written.value);
}

function warnOfCounts(shares: number, jobs: number): void {
  if (shares > usualIndexMax)
    say(
      `warning: ${shares} shares need MaxArraySize above ${shares}; it is 1001 where nobody has set it (scontrol show config)`,
    );
  if (shares > jobs)
    say(`warning: ${formatCountOf(shares, 'share')} of ${formatCountOf(jobs, 'job')}: some will have none`);
}

function jobOf(prepared: Prepared, flags: SlurmFlags): BatchJob {
  const { shares, coresPerShare, time, mem, partition, account, beforeLimit, set } = flags;
  return {
    ...{ shares, coresPerShare, time, partition, account },
    name: prepared.name,
    program: process.execPath,
    folder: prepared.files.folder,
    memory: mem,
    beforeLimitS: beforeLimit,
    overrides: set,
  };
}

function submit({ array, merge }: SlurmScripts): number {
  const shares = submitBatch([array], dirname(array));
  if (!shares.ok) {
    sayDiagnostics(shares.diagnostics);
    return exitCodes.usage;
  }
  say(`Submitted   ${shares.value}, an array; look with squeue, or with status`);
  const joining = submitBatch([`--dependency=afterany:${shares.value}`, merge], dirname(merge));
  if (!joining.ok) {
    sayDiagnostics(joining.diagnostics);
    return exitCodes.usage;
  }
  say(`            ${joining.value}, the merge, when all shares have ended`);
  return exitCodes.done;
}

function showCommands({ array, merge }: SlurmScripts): number {
  const wordOf = (path: string): string => quoteForBash(relative(process.cwd(), path));
  say('Submit it   (or let slurm --submit do it)');
  say(`            sbatch ${wordOf(array)}`);
  say(`            sbatch --dependency=afterany:JOBID ${wordOf(merge)}`);
  return exitCodes.done;
}
