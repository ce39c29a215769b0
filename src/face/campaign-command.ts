import { hostname } from 'node:os';
import { describeAddress } from '../config/engine-address.ts';
import { whyNoMachineName } from '../config/machine-name.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { machineName } from '../core/ids.ts';
import { spellCores } from '../core/spell-cores.ts';
import { type JoinRequest, joinCampaign } from '../run/engine/join-campaign.ts';
import { ownFolder } from '../run/own-folder.ts';
import { allMachines, type Prepared } from '../run/prepare.ts';
import { checkMember } from '../run/run-share.ts';
import { givenEngine, readEngine } from './engine-flag.ts';
import { exitCodes } from './exit-codes.ts';
import { surviveLostTerminal } from './lost-terminal.ts';
import { allHere, askMachine } from './prompts.ts';
import { runAndTell } from './run-and-tell.ts';
import { agree, isTerminal, type Program, prepare, type RunFlags, showPlan } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

/** Takes part in a campaign: jobs come from a server, as many as this machine can compute; returns the exit code. */
export async function campaignCommand(program: Program, flags: RunFlags): Promise<number> {
  const why = whyNot(flags);
  if (why !== undefined) {
    say(why);
    return exitCodes.usage;
  }
  const address = readEngine(givenEngine(flags.engine) ?? '');
  if (!address.ok) {
    sayDiagnostics(address.diagnostics);
    return exitCodes.usage;
  }
  const prepared = await prepare(program, flags.set);
  if (typeof prepared === 'number') return prepared;
  const machine = await chooseMember(prepared, flags);
  if (typeof machine === 'number') return machine;
  showPlan(prepared, `${machine}, jobs from ${describeAddress(address.value)}`);
  const refused = await agree(prepared, flags);
  if (refused !== undefined) return refused;
  surviveLostTerminal();
  return join(program, flags, { address: address.value, prepared, machine: machineName(machine) });
}

function whyNot({ yes, share, retryFailed, rerunOlderCode }: RunFlags): string | undefined {
  if (!isTerminal() && yes !== true) return 'There is no terminal to ask on: add --yes.';
  if (share !== undefined) return '--share does not go with --engine: the queue shares out the jobs.';
  const flag = retryFailed === true ? '--retry-failed' : rerunOlderCode === true ? '--rerun-older-code' : undefined;
  if (flag === undefined) return undefined;
  return `${flag} does not go with --engine: what the campaign has recorded is settled for all machines.`;
}

async function join(
  program: Program,
  flags: RunFlags,
  wish: Pick<JoinRequest, 'address' | 'prepared' | 'machine'>,
): Promise<number> {
  const out = ownFolder(flags.out, wish.prepared);
  const fits = out.ok && flags.fresh !== true ? checkMember({ ...wish, out: out.value }) : out;
  if (!fits.ok) {
    sayDiagnostics(fits.diagnostics);
    return exitCodes.usage;
  }
  const joined = await joinCampaign({ ...wish, acceptCode: flags.acceptCode === true });
  if (joined.kind !== 'joined') {
    sayDiagnostics(joined.diagnostics);
    return joined.kind === 'differs' ? exitCodes.mismatch : exitCodes.usage;
  }
  const { engine } = joined;
  say(`Campaign    ${formatCount(engine.counts.settled)} of ${formatCountOf(engine.counts.total, 'job')} settled`);
  try {
    return await runAndTell(program, { ...flags, engine, starts: undefined }, wish.prepared, wish.machine);
  } finally {
    await engine.end();
  }
}

/** The machines of `machines.json`, and this host where it is none of them. */
function askMember(named: Prepared['machines']): Promise<string | undefined> {
  const host = hostname();
  const choices = named.map(({ name, cores }) => ({ name: String(name), hint: spellCores(cores) }));
  if (choices.every(({ name }) => name !== host)) choices.push({ name: host, hint: 'as this host is called' });
  return askMachine(choices, host);
}

/** Machines may join that no `machines.json` names; each needs a name of its own. */
async function chooseMember(
  prepared: Prepared,
  { machine: given, yes = false }: Pick<RunFlags, 'machine' | 'yes'>,
): Promise<string | number> {
  const named = prepared.machines.filter(({ name }) => name !== allMachines);
  // Whoever is not to be asked, or has nobody to choose from, goes by the host's name.
  const answer = given ?? (yes || named.length === 0 ? hostname() : await askMember(named));
  if (answer === undefined) return exitCodes.interrupted;
  const why = answer === allHere ? { message: 'N/A is no machine', hint: 'name this one' } : whyNoMachineName(answer);
  if (why === undefined) return answer;
  say(`--machine: ${why.message}; ${why.hint}.`);
  return exitCodes.usage;
}
