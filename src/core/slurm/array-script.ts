import { formatCountOf } from '../format-count.ts';
import { quoteForBash } from '../shell-word.ts';
import { type BatchJob, plainName, requeuesMax } from './batch-job.ts';

/**
 * The sbatch script of an array of shares. The number of shares stands in it: single elements can be submitted again. Slurm
 * signals bash alone (`B:`), with USR1, so that the time limit is told from `scancel` and from `scontrol requeue`, which send
 * TERM: only after the former the job asks to be requeued.
 */
export function spellArrayScript(job: BatchJob): string {
  const { program, folder, shares, beforeLimitS, overrides } = job;
  const words = [program, ...overrides.flatMap((text) => ['-o', text])].map(quoteForBash);
  return [
    '#!/bin/bash',
    ...arrayOptions(job),
    '',
    `# Written by \`slurm\`: ${formatCountOf(shares, 'equal share')} of the jobs. Single ones again: sbatch --array=3,7 and this file.`,
    `cd ${quoteForBash(folder)} || exit 2`,
    '',
    '# Bash hears signals only while it waits, so the program runs beside it.',
    'child= limit= cancelled= timer= signalled= code=127',
    'tell() { [[ -n $child ]] && kill -TERM "$child" 2>/dev/null; }',
    'on_limit() {',
    '  signalled=yes',
    '  [[ -n $limit ]] && return',
    '  limit=yes',
    '  tell',
    '  # What has not ended shortly before the limit is stopped; it goes on from its checkpoints.',
    `  ( trap 'kill $!; exit' TERM; sleep ${secondsToDrain(beforeLimitS)} & wait $!; tell ) &`,
    '  timer=$!',
    '}',
    'trap on_limit USR1',
    "trap 'signalled=yes cancelled=yes; tell' TERM",
    '',
    `${words.join(' ')} --share "$SLURM_ARRAY_TASK_ID/${shares}" --yes &`,
    'child=$!',
    '[[ -n $limit ]] && tell',
    'while :; do',
    '  signalled=',
    '  wait "$child"',
    '  now=$?',
    '  [[ $now == 127 ]] || code=$now',
    '  [[ -n $signalled ]] || break',
    'done',
    'child=',
    '[[ -n $timer ]] && kill "$timer" 2>/dev/null',
    '',
    '# 5, or 143 where jobs had to be stopped: there is something left to do.',
    'if [[ -n $limit && -z $cancelled && ( $code == 5 || $code == 143 ) ]]; then',
    `  if (( \${SLURM_RESTART_COUNT:-0} >= ${requeuesMax} )); then`,
    `    echo "Requeued ${requeuesMax} times already; to go on: sbatch --array=$SLURM_ARRAY_TASK_ID and this file" >&2`,
    '  else',
    '    echo "The time limit is near: requeued, to go on from here" >&2',
    '    scontrol requeue "$SLURM_JOB_ID" || echo "To go on: sbatch --array=$SLURM_ARRAY_TASK_ID and this file" >&2',
    '  fi',
    'fi',
    'exit "$code"',
    '',
  ].join('\n');
}

/** Half a minute before the limit at the latest: a stop takes `[run] grace`, and Slurm looks at limits twice a minute. */
function secondsToDrain(beforeLimitS: number): number {
  return Math.max(5, beforeLimitS - 30);
}

/** Options of sbatch. Values hold nothing that it would have to be quoted for. */
function arrayOptions({ name, shares, coresPerShare, beforeLimitS, ...job }: BatchJob): readonly string[] {
  const { time, memory, partition, account } = job;
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ['job-name', plainName(name)],
    ['array', `1-${shares}`],
    ['ntasks', 1],
    ['cpus-per-task', coresPerShare],
    ['time', time],
    ['mem', memory],
    ['partition', partition],
    ['account', account],
    ['signal', `B:USR1@${beforeLimitS}`],
    ['output', `${plainName(name)}.%A_%a.out`],
    ['open-mode', 'append'],
  ];
  return [...spellOptions(options), '#SBATCH --requeue'];
}

export function spellOptions(options: readonly (readonly [string, string | number | undefined])[]): readonly string[] {
  return options.flatMap(([name, value]) => (value === undefined ? [] : [`#SBATCH --${name}=${value}`]));
}
