import { formatCountOf } from '../format-count.ts';
import { quoteForBash } from '../shell-word.ts';
import { spellOptions } from './array-script.ts';
import { type BatchJob, plainName } from './batch-job.ts';

/** The script that joins the run folders of all shares, for when the array has ended. `prefix`: what their names begin with. */
export function spellMergeScript(
  { name, program, folder, shares, partition, account, overrides }: BatchJob,
  prefix: string,
): string {
  const words = [program, 'merge', ...overrides.flatMap((text) => ['-o', text])].map(quoteForBash);
  return [
    '#!/bin/bash',
    ...spellOptions([
      ['job-name', `${plainName(name)}-merge`],
      ['ntasks', 1],
      ['partition', partition],
      ['account', account],
      ['output', `${plainName(name)}-merge.%j.out`],
    ]),
    '',
    `# Written by \`slurm\`. Names the shares that are missing, where some are.`,
    `cd ${quoteForBash(folder)} || exit 2`,
    'shopt -s nullglob',
    `folders=(${quoteForBash(`${prefix}.`)}${'[0-9]'.repeat(String(shares).length)}of${shares}/)`,
    `if (( \${#folders[@]} == 0 )); then`,
    `  echo "There is no run folder of ${formatCountOf(shares, 'share')} in $PWD" >&2`,
    '  exit 6',
    'fi',
    `exec ${words.join(' ')} "\${folders[@]%/}"`,
    '',
  ].join('\n');
}
