import type { Command } from 'commander';
import { withRemote } from './remote-flags.ts';
import type { Program } from './run-command.ts';

/** The commands that reach other machines by ssh. Each is loaded when asked for. */
export function describeRemote(
  cli: Command,
  withSet: (command: Command) => Command,
  program: Program,
  end: (code: number) => void,
): void {
  const remote = (usage: string, description: string): Command =>
    withRemote(withSet(cli.command(usage).description(description)));
  remote('deploy [machines...]', 'copy program and files to the machines that have a host, by ssh, and start them')
    .option('--dist <folder>', 'where the executables lie; default: beside this one')
    .option('--no-start', 'only copy')
    .option('--retry-failed', 'run failed jobs again')
    .option('--accept-code', 'go on although the code has changed')
    .option('--rerun-older-code', 'run again what older code settled')
    .option('--fresh', 'move earlier runs there aside')
    .action(async (machines: readonly string[], flags) => {
      const { deployCommand } = await import('./deploy-command.ts');
      end(await deployCommand(program, machines, flags));
    });
  remote('collect [machines...]', 'bring run folders home by ssh, also of running machines, and merge them')
    .option('--to <folder>', 'where to; default: beside the three files')
    .option('--no-merge', 'only bring them')
    .action(async (machines: readonly string[], flags) => {
      const { collectCommand } = await import('./collect-command.ts');
      end(await collectCommand(program, machines, flags));
    });
}
