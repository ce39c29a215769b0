import { type Command, InvalidArgumentError } from 'commander';
import { type LogLevel, logLevels } from '../core/log-line.ts';
import { meansEngine } from './engine-flag.ts';
import { withRemote } from './remote-flags.ts';
import type { Program } from './run-command.ts';

/** Commands that look at run folders, whoever made them, and change nothing. */
export function describeLooking(cli: Command, program: Program, end: (code: number) => void): void {
  withRemote(
    cli
      .command('status [folders...]')
      .description('say how far runs are (of run folders, or all beside the three files; of a campaign: nats://…)')
      .option('--remote', 'of the machines that were deployed to, by ssh (all, or those named instead of folders)'),
  )
    .option('--watch', 'go on until all have ended')
    .option('--json', 'as JSON')
    .action(async (folders: readonly string[], flags) => {
      if (folders.some(meansEngine)) {
        const { campaignStatusCommand } = await import('./campaign-status-command.ts');
        end(await campaignStatusCommand(program, folders, flags));
        return;
      }
      if (flags.remote === true) {
        const { remoteStatusCommand } = await import('./remote-status-command.ts');
        end(await remoteStatusCommand(program, folders, flags));
        return;
      }
      const { statusCommand } = await import('./status-command.ts');
      end(await statusCommand(folders, flags));
    });
  cli
    .command('logs [folders...]')
    .description('print the logs of run folders (without any: all beside the three files), merged by time')
    .option('-f, --follow', 'go on with what is added')
    .option('--job <index>', 'only of this job', readIndex)
    .option('--worker <number>', 'only of this worker', readIndex)
    .option('--level <name>', 'only this level and above: trace, debug, info, warn, error, fatal', readLevel)
    .option('--json', 'lines of JSON, as they stand in the files')
    .action(async (folders: readonly string[], flags) => {
      const { logsCommand } = await import('./logs-command.ts');
      end(await logsCommand(program, folders, flags));
    });
}

function readIndex(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number is needed');
}

function readLevel(text: string): LogLevel {
  const level = text.toLowerCase();
  if (Object.hasOwn(logLevels, level)) return level as LogLevel;
  throw new InvalidArgumentError(`known: ${Object.keys(logLevels).join(', ')}`);
}
