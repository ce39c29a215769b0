import type { Command } from 'commander';
import { readPort } from './flag-readers.ts';
import type { Program } from './run-command.ts';

/** Commands for campaigns, in which machines take jobs from a server. Each is loaded when asked for. */
export function describeCampaign(cli: Command, program: Program, end: (code: number) => void): void {
  cli
    .command('serve')
    .description('start a NATS server for campaigns (nats-server on the PATH, or beside the executable)')
    .option('--host <address>', 'where it listens: 127.0.0.1 for this machine alone', '0.0.0.0')
    .option('--port <number>', 'where it listens', readPort, 4222)
    .option('--store <folder>', 'where it keeps what it holds; default: job-splitter.server beside the three files')
    .option('--tls-cert <file>', 'its certificate (PEM): connections are encrypted')
    .option('--tls-key <file>', 'the key of its certificate (PEM)')
    .action(async (flags) => {
      const { serveCommand } = await import('./serve-command.ts');
      end(await serveCommand(flags));
    });
  cli
    .command('forget <address>')
    .description('remove this experiment’s campaign from a server, with all results that only the server holds')
    .option('--yes', 'ask nothing')
    .action(async (address: string, flags) => {
      const { forgetCommand } = await import('./forget-command.ts');
      end(await forgetCommand(program, address, flags));
    });
}
