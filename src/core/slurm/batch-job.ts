/** What `slurm` writes a script for. Texts are checked, but for those that the script quotes. */
export interface BatchJob {
  /** Of the experiment; may hold anything. */
  readonly name: string;
  /** The executable, with its whole path. */
  readonly program: string;
  /** Where the three files are, with its whole path. */
  readonly folder: string;
  readonly shares: number;
  readonly coresPerShare: number;
  /** As Slurm takes them. */
  readonly time?: string | undefined;
  readonly memory?: string | undefined;
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  /** When before the time limit the run is told to let its jobs end; seconds. */
  readonly beforeLimitS: number;
  /** `section.name=value`, from `-o`. */
  readonly overrides: readonly string[];
}

/** After a job has been requeued so often, it needs a person. */
export const requeuesMax = 100;

/** A name as Slurm can have it without quoting, in options and in names of files. */
export function plainName(name: string): string {
  return name.replace(/[^\w.-]/gu, '_').slice(0, 60) || '_';
}
