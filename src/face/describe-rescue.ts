import type { Command } from 'commander';
import { collect, collectKills, collectSlow, readCores, readCount, readPort, readTime } from './flag-readers.ts';
import type { Program } from './run-command.ts';

/** The commands for when a plan does not work out: to split anew, measure, replay and play through. Each is loaded when asked for. */
export function describeRescue(
  cli: Command,
  withSet: (command: Command) => Command,
  program: Program,
  end: (code: number) => void,
): void {
  withSet(cli.command('rescue [folders...]').description('split anew what is left, among the machines as they are now'))
    .option('--lost <name>', 'this machine is gone: the others get what it has left', collect, [])
    .option('--relieve <name>', 'this machine is slow: the others get what it has not started', collect, [])
    .option('--all', 'split everything that is left, not only what these have')
    .option('--back <name>', 'a lost machine takes part again', collect, [])
    .action(async (folders: readonly string[], flags) => {
      const { rescueCommand } = await import('./rescue-command.ts');
      end(await rescueCommand(program, folders, flags));
    });
  withSet(
    cli
      .command('calibrate [folders...]')
      .description('measure this machine; with run folders: re-estimate all weights'),
  )
    .option('--machine <name>', 'which machine this is; default: the name of the host')
    .option('--cores <count>', 'measure with so many workers', readCores)
    .option('--jobs <count>', 'how many jobs of the pool to run', readCount, 64)
    .option('--json', 'as JSON')
    .action(async (folders: readonly string[], flags) => {
      const { calibrateCommand } = await import('./calibrate-command.ts');
      end(await calibrateCommand(program, folders, flags));
    });
  withSet(
    cli.command('run-job <job>').description('replay one job (its index, or its arguments as JSON) in this process'),
  )
    .option('--attempt <number>', 'which attempt it is told it is; default: the recorded one', readCount)
    .option('--folder <folders...>', 'compare with these run folders; default: those beside the three files')
    .option('--inspect [port]', 'wait for a debugger before the job', readPort)
    .action(async (job: string, flags) => {
      const { runJobCommand } = await import('./run-job-command.ts');
      end(await runJobCommand(program, job, flags));
    });
  withSet(
    cli
      .command('simulate [folders...]')
      .description('play the plan under virtual time: who is ready when, and what a rescue would bring'),
  )
    .option(
      '--kill <name@percent>',
      'this machine dies when it has done so much of its share: lab2@40%',
      collectKills,
      [],
    )
    .option(
      '--slow <namexfactor>',
      'this machine takes so many times as long as its weight says: lab3x3',
      collectSlow,
      [],
    )
    .option('--job-time <time>', 'what a job takes on a core of weight 1; default: as the journals tell', readTime)
    .option('--jobs <count>', 'as if the pool had so many jobs', readCount)
    .option('--json', 'as JSON')
    .action(async (folders: readonly string[], flags) => {
      const { simulateCommand } = await import('./simulate-command.ts');
      end(await simulateCommand(program, folders, flags));
    });
}
