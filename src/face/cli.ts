import { Command } from 'commander';
import { nearestName } from '../core/nearest.ts';
import { findFolder, writeTemplates } from '../run/three-files.ts';
import { explainFileError } from '../runtime/file-error.ts';
import { describeCampaign } from './describe-campaign.ts';
import { describeClusters } from './describe-clusters.ts';
import { describeRemote } from './describe-remote.ts';
import { describeRescue } from './describe-rescue.ts';
import { describeResults } from './describe-results.ts';
import { givenEngine } from './engine-flag.ts';
import { exitCodes } from './exit-codes.ts';
import { collect, readCores, readCount, readShare, readShares, readUntil } from './flag-readers.ts';
import { describeLooking } from './looking-commands.ts';
import { withRemote } from './remote-flags.ts';
import { type Program, type RunFlags, runCommand } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

/** What may be run instead of this machine's share. */
interface OtherRuns {
  readonly sample?: number;
  readonly selfTest?: true;
}

/** Reads the command line and does what it says; returns the exit code. */
export async function runCli(program: Program, words: readonly string[]): Promise<number> {
  let code: number = exitCodes.done;
  const cli = describeCli(program, (result) => {
    code = result;
  });
  const unknown = findUnknownCommand(cli, words);
  if (unknown !== undefined) {
    say(unknown);
    return exitCodes.usage;
  }
  try {
    await cli.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    // commander has said what is wrong.
    if (error instanceof Error && 'exitCode' in error) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    // No command has to reckon with a folder that cannot be written, a full disk, …
    const refusal = explainFileError(error);
    if (refusal === undefined) throw error;
    sayDiagnostics([refusal]);
    return exitCodes.usage;
  }
}

/** A first word that is no option can only be meant as a command. */
function findUnknownCommand(cli: Command, [first]: readonly string[]): string | undefined {
  const names = [...cli.commands.map((command) => command.name()), 'help'];
  if (first === undefined || first.startsWith('-') || names.includes(first)) return undefined;
  const near = nearestName(first, names);
  return `There is no command ${JSON.stringify(first)}; ${near === undefined ? `known: ${names.join(', ')}` : `is ${near} meant?`}`;
}

/** Options in front of a command are those of a run: the command would pass them over. */
function refuseMisplaced(cli: Command, command: Command): void {
  const option = cli.options.find((it) => cli.getOptionValueSource(it.attributeName()) === 'cli');
  if (option === undefined) return;
  const [name, flag] = [command.name(), option.short ?? option.long ?? ''];
  const isKnown = command.options.some(({ long }) => long === option.long);
  const way = isKnown ? `it belongs behind it: ${name} ${flag} …` : `${name} has no such option`;
  cli.error(`error: ${flag} stands in front of ${name}; ${way}`);
}

function spellVersion({ name, version, target, code }: Program['build']): string {
  return `${name}: job-splitter ${version}, ${target}, Node.js ${process.versions.node}, code ${code}`;
}

function describeCli(program: Program, end: (code: number) => void): Command {
  const { name } = program.build;
  const withSet = (command: Command): Command =>
    command.option('-o, --set <section.name=value>', 'change a setting for this start', collect, []);
  const cli = withSet(new Command(name))
    .exitOverride()
    .version(spellVersion(program.build))
    .enablePositionalOptions()
    .hook('preSubcommand', refuseMisplaced)
    .description(`Runs this machine's share of ${name}.`)
    .option('--machine <name>', 'which machine of machines.json this is; N/A: all jobs here; auto: ask the scheduler')
    .option('--share <i/n>', 'the i-th of n equal shares, without machines.json', readShare)
    .option('--yes', 'ask nothing')
    .option('--cores <count>', 'workers at the same time', readCores)
    .option('--out <folder>', 'the run folder')
    .option('--expect <digest>', 'refuse unless these six words or 36 hex digits are the digest')
    .option('--retry-failed', 'run failed jobs again')
    .option('--accept-code', 'go on although the code has changed')
    .option('--rerun-older-code', 'run again what older code settled')
    .option('--tail', 'show what jobs print')
    .option('--engine <address>', 'take jobs from a campaign on a NATS server: nats://…, or @FILE with that in it')
    .option('--fresh', 'move an earlier run aside')
    .option('--until <time>', 'start nothing that would not be finished by then: 07:30, an ISO time, +6h', readUntil)
    .option(
      '--sample <count>',
      'run only so many jobs, in a temporary folder, and say what the whole would take',
      readCount,
    )
    .option('--self-test', 'run a small experiment of its own and check every result')
    .action(async ({ sample, selfTest, ...flags }: RunFlags & OtherRuns) => {
      // What a command needs is loaded when it is called: what a run does not need, it does not wait for.
      if (selfTest === true) {
        const { selfTestCommand } = await import('./self-test-command.ts');
        end(await selfTestCommand(program.build, flags.cores));
      } else if (sample !== undefined && flags.engine !== undefined) {
        say('--sample does not go with --engine: it runs a few jobs here, for nobody else.');
        end(exitCodes.usage);
      } else if (sample !== undefined) {
        const { sampleCommand } = await import('./sample-command.ts');
        end(await sampleCommand(program, flags, sample));
      } else if (givenEngine(flags.engine) === undefined) end(await runCommand(program, flags));
      else {
        const { campaignCommand } = await import('./campaign-command.ts');
        end(await campaignCommand(program, flags));
      }
    });
  withRemote(
    cli
      .command('stop [folders...]')
      .description('let running jobs finish, then end the run (of folders, or all beside the three files)')
      .option('--now', 'end it at once')
      .option('--remote', 'on the machines that were deployed to, by ssh (all, or those named instead of folders)'),
  ).action(async (folders: readonly string[], flags) => {
    if (flags.remote !== true) {
      const { stopCommand } = await import('./stop-command.ts');
      return end(await stopCommand(program, folders, flags));
    }
    const { remoteStopCommand } = await import('./remote-stop-command.ts');
    end(await remoteStopCommand(program, folders, flags));
  });
  describePlanning(cli, withSet, program, end);
  describeResults(cli, withSet, program, end);
  describeRescue(cli, withSet, program, end);
  describeLooking(cli, program, end);
  describeCampaign(cli, program, end);
  describeRemote(cli, withSet, program, end);
  describeClusters(cli, withSet, program, end);
  return cli;
}

/** The commands for before the run. */
function describePlanning(
  cli: Command,
  withSet: (command: Command) => Command,
  program: Program,
  end: (code: number) => void,
): void {
  cli
    .command('init')
    .description('write machines.json, header.csv and runner.config')
    .action(() => {
      const folder = findFolder(process.cwd(), process.execPath);
      const written = writeTemplates(folder, program.build);
      say(written.length === 0 ? `All three files are in ${folder}.` : `Written to ${folder}: ${written.join(', ')}.`);
      say('Fill in machines.json (name: [relative speed, cores]), copy all to every machine, start the program there.');
    });
  withSet(cli.command('plan').description('show shares and digests'))
    .option('--json', 'as JSON')
    .option('--shares <count>', 'of so many equal shares, whatever machines.json says', readShares)
    .option('--lock', 'write experiment.lock, against which every start is then checked')
    .option('--expect <digest>', 'check against these six words or 36 hex digits')
    .action(async (flags) => {
      const { planCommand } = await import('./plan-command.ts');
      end(await planCommand(program, flags));
    });
  withSet(cli.command('config').description('show every setting with its origin'))
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { configCommand } = await import('./config-command.ts');
      end(configCommand(flags));
    });
}
