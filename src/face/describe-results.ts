import type { Command } from 'commander';
import { readFormats } from './flag-readers.ts';
import type { Program } from './run-command.ts';

/** The commands for when machines have done their shares. Each is loaded when asked for. */
export function describeResults(
  cli: Command,
  withSet: (command: Command) => Command,
  program: Program,
  end: (code: number) => void,
): void {
  withSet(
    cli
      .command('merge [folders...]')
      .description(
        'join run folders (or journals, also gzipped, or a campaign: nats://…) of all machines; without any: all beside the three files',
      ),
  )
    .option('--partial', 'accept missing jobs')
    .option('--format <list>', 'csv, jsonl, sqlite, or several: csv,sqlite', readFormats, ['csv'])
    .option('--on-conflict <who>', 'where results differ: first (what ended first), or the machine that is right')
    .action(async (folders: readonly string[], flags) => {
      const { mergeCommand } = await import('./merge-command.ts');
      end(await mergeCommand(program, folders, flags));
    });
  cli
    .command('verify <results>')
    .description('hold a results.csv that merge wrote against its proof, without the journals')
    .option('--proof <file>', 'default: proof.json beside it')
    .action(async (results: string, flags: { readonly proof?: string }) => {
      const { verifyCommand } = await import('./verify-command.ts');
      end(verifyCommand(results, flags.proof));
    });
  cli
    .command('report [folders...]')
    .description('write one HTML page about run folders (without any: all of the experiment beside the three files)')
    .option('--out <file>', 'where to write it')
    .action(async (folders: readonly string[], flags) => {
      const { reportCommand } = await import('./report-command.ts');
      end(await reportCommand(program, folders, flags));
    });
}
