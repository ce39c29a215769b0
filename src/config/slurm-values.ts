/** Why a text is not what an option of sbatch takes; `undefined`: it is. None of these texts could need quoting. */
export type WhyNot = (text: string) => string | undefined;

const durations = [/^\d{1,7}(:\d{1,2}){0,2}$/, /^\d{1,4}-\d{1,2}(:\d{1,2}){0,2}$/];

/** As `--time` takes it: minutes, `hours:minutes:seconds`, `days-hours` and so on. */
export const whyNoSlurmTime: WhyNot = (text) =>
  durations.some((form) => form.test(text)) && /[1-9]/.test(text)
    ? undefined
    : 'a time as Slurm takes it is needed: 30 (minutes), 12:00:00, 2-12 (days-hours)';

/** How long a time is that `whyNoSlurmTime` lets pass. */
export function secondsOfSlurmTime(text: string): number {
  const [first = '', second] = text.split('-');
  const parts = (second ?? first).split(':').map(Number);
  // With days, hours come first; else a single number, or the first of two, is minutes.
  const [hours = 0, minutes = 0, seconds = 0] = second !== undefined || parts.length === 3 ? parts : [0, ...parts];
  return (second === undefined ? 0 : Number(first) * 86_400) + hours * 3_600 + minutes * 60 + seconds;
}

export const whyNoSlurmMemory: WhyNot = (text) =>
  /^[1-9]\d{0,9}[KMGT]?$/i.test(text)
    ? undefined
    : 'a memory size as Slurm takes it is needed: 4G, 500M (or MiB without a letter)';

/** Of a partition (or several, with commas), or an account. */
export const whyNoSlurmName: WhyNot = (text) =>
  /^\w[\w.,@+-]{0,199}$/.test(text) ? undefined : 'only letters, digits and . , _ @ + - can be in it';

/** Slurm looks at limits twice a minute, and takes up to 65535. */
export const beforeLimitRange = { from: 45, to: 65_535 } as const;
