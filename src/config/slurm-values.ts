/** Why a text is not what an option of sbatch takes; `undefined`: it is. None of these texts could need quoting. */
export type WhyNot = (text: string) => string | undefined;

const durations = [/^\d{1,7}(:\d{1,2}){0,2}$/, /^\d{1,4}-\d{1,2}(:\d{1,2}){0,2}$/];

/** As `--time` takes it: minutes, `hours:minutes:seconds`, `days-hours` and so on. */
export const whyNoSlurmTime: WhyNot = (text) =>
  durations.some((form) => form.test(text)) && /[1-9]/.test(text)
    ? undefined
    : 'a time as Slurm takes it is needed: 30 (minutes), 12:00:00, 2-12 (days-hours)';

export const whyNoSlurmMemory: WhyNot = (text) =>
  /^[1-9]\d{0,9}[KMGT]?$/i.test(text)
    ? undefined
    : 'a memory size as Slurm takes it is needed: 4G, 500M (or MiB without a letter)';

/** Of a partition (or several, with commas), or an account. */
export const whyNoSlurmName: WhyNot = (text) =>
  /^\w[\w.,@+-]{0,199}$/.test(text) ? undefined : 'only letters, digits and . , _ @ + - can be in it';

/** Slurm looks at limits twice a minute, and takes up to 65535. */
export const beforeLimitRange = { from: 45, to: 65_535 } as const;
