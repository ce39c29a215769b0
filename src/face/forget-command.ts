import { describeAddress, type EngineAddress } from '../config/engine-address.ts';
import { escapeText } from '../core/escape-text.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { describeOrigin } from '../run/engine/campaign-differences.ts';
import { readStatus } from '../run/engine/campaign-status.ts';
import { type OpenCampaign, withCampaign } from '../run/engine/open-campaign.ts';
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
  const found = await withCampaign(address.value, name, describeFound(address.value));
  if (!found.ok) {
    sayDiagnostics(found.diagnostics);
    return exitCodes.usage;
  }
  for (const line of found.value) say(line);
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

/** What would be gone, and whom that would disturb. */
function describeFound(address: EngineAddress) {
  return async (open: OpenCampaign): Promise<readonly string[]> => {
    const { total, done, failed, members } = await readStatus(open);
    const atWork = members.filter(({ sign }) => sign === 'alive').map(({ machine }) => escapeText(machine));
    const settled = `${formatCount(done + failed)} of ${formatCountOf(total, 'job')} settled`;
    const lines = [`${escapeText(describeOrigin(open.campaign, address))}; ${settled}.`];
    if (atWork.length > 0)
      lines.push(
        `At work: ${atWork.join(', ')}. They will begin it anew with what they have done; stop them first to be rid of it.`,
      );
    return lines;
  };
}
