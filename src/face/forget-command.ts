import { describeAddress } from '../config/engine-address.ts';
import { withCampaign } from '../run/engine/open-campaign.ts';
import { readEngine } from './engine-flag.ts';
import { exitCodes } from './exit-codes.ts';
import { confirmRemoval } from './prompts.ts';
import { isTerminal, type Program } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';

/** Removes a campaign from a server; returns the exit code. */
export async function forgetCommand(
  { experiment, build }: Program,
  given: string,
  { yes }: { readonly yes?: boolean },
): Promise<number> {
  const address = readEngine(given);
  if (!address.ok) {
    sayDiagnostics(address.diagnostics);
    return exitCodes.usage;
  }
  const name = experiment.name ?? build.name;
  const where = describeAddress(address.value);
  if (yes !== true && !isTerminal()) {
    say('There is no terminal to ask on: add --yes.');
    return exitCodes.usage;
  }
  if (yes !== true && (await confirmRemoval(`Remove all that ${where} holds of ${name}?`)) !== true) {
    return exitCodes.interrupted;
  }
  const removed = await withCampaign(address.value, name, ({ server }) => server.remove());
  if (!removed.ok) {
    sayDiagnostics(removed.diagnostics);
    return exitCodes.usage;
  }
  say(`${where} holds nothing of ${name} any more. What the machines have done is in their own folders.`);
  return exitCodes.done;
}
