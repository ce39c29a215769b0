import { type Command, InvalidArgumentError } from 'commander';
import {
  beforeLimitRange,
  type WhyNot,
  whyNoSlurmMemory,
  whyNoSlurmName,
  whyNoSlurmTime,
} from '../config/slurm-values.ts';
import { readCores, readShares } from './flag-readers.ts';
import type { Program } from './run-command.ts';

/** The commands for clusters. Each is loaded when asked for. */
export function describeClusters(
  cli: Command,
  withSet: (command: Command) => Command,
  program: Program,
  end: (code: number) => void,
): void {
  withSet(
    cli.command('slurm').description('write the sbatch script of an array of equal shares, and that of its merge'),
  )
    .requiredOption('--shares <count>', 'how many equal shares', readShares)
    .option('--cores-per-share <count>', 'cores for each', readCores, 1)
    .option('--time <limit>', 'time limit of each, as sbatch takes it: 12:00:00, 2-12', checked(whyNoSlurmTime))
    .option('--mem <size>', 'memory for each, as sbatch takes it: 4G', checked(whyNoSlurmMemory))
    .option('--partition <name>', 'partition, or several with commas', checked(whyNoSlurmName))
    .option('--account <name>', 'account to charge', checked(whyNoSlurmName))
    .option('--before-limit <seconds>', 'begin to stop so long before the time limit', readBeforeLimit, 120)
    .option('--out <file>', 'where to write it; default: NAME.sbatch beside the three files')
    .option('--submit', 'submit both')
    .action(async (flags) => {
      const { slurmCommand } = await import('./slurm-command.ts');
      end(await slurmCommand(program, flags));
    });
}

function checked(whyNot: WhyNot): (text: string) => string {
  return (text) => {
    const why = whyNot(text);
    if (why !== undefined) throw new InvalidArgumentError(why);
    return text;
  };
}

function readBeforeLimit(text: string): number {
  const { from, to } = beforeLimitRange;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= from && seconds <= to) return seconds;
  throw new InvalidArgumentError(`seconds from ${from} to ${to} are needed`);
}
