import { setTimeout as wait } from 'node:timers/promises';
import { escapeText } from '../core/escape-text.ts';
import { formatCount, formatCountOf } from '../core/format-count.ts';
import { spellCores } from '../core/spell-cores.ts';
import { type CampaignStatus, type MemberStatus, readCampaignStatus } from '../run/engine/campaign-status.ts';
import { readEngine } from './engine-flag.ts';
import { exitCodes } from './exit-codes.ts';
import { formatRate } from './format.ts';
import { endWithReader } from './lost-terminal.ts';
import type { Program } from './run-command.ts';
import { say, sayDiagnostics } from './say.ts';
import type { StatusFlags } from './status-command.ts';

const lookMs = 2_000;

/** Says how far a campaign is and who takes part; returns the exit code. */
export async function campaignStatusCommand(
  { experiment, build }: Program,
  given: readonly string[],
  { watch, json }: StatusFlags,
): Promise<number> {
  const [first = '', ...others] = given;
  if (others.length > 0) {
    say('status shows one campaign at a time, or folders.');
    return exitCodes.usage;
  }
  const address = readEngine(first);
  if (!address.ok) {
    sayDiagnostics(address.diagnostics);
    return exitCodes.usage;
  }
  endWithReader();
  for (;;) {
    const status = await readCampaignStatus(address.value, experiment.name ?? build.name);
    if (!status.ok) {
      sayDiagnostics(status.diagnostics);
      return exitCodes.usage;
    }
    const { total, done, failed } = status.value;
    process.stdout.write(json === true ? `${JSON.stringify(status.value)}\n` : spell(status.value));
    if (watch !== true || done + failed === total) return exitCodes.done;
    await wait(lookMs);
  }
}

function spell({ experiment, total, done, failed, lostChunks, members }: CampaignStatus): string {
  const percent = Math.floor((100 * (done + failed)) / total);
  const parts = [`${formatCount(done + failed)} of ${formatCountOf(total, 'job')} settled (${percent} %)`];
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  if (lostChunks > 0) parts.push(`${formatCountOf(lostChunks, 'chunk')} taken over`);
  return [`${escapeText(experiment)}: ${parts.join(', ')}`, ...members.map(spellMember), ''].join('\n');
}

function spellMember({ machine, sign, recorded, holds, cores, jobsPerSecond }: MemberStatus): string {
  const parts = [`${formatCount(recorded)} recorded`];
  if (holds > 0) parts.push(`holds ${formatCount(holds)}`);
  if (cores !== undefined) parts.push(spellCores(cores));
  if (jobsPerSecond !== undefined) parts.push(formatRate(jobsPerSecond));
  return `  ${escapeText(machine)} (${sign === 'dead' && holds === 0 ? 'has left' : signs[sign]}): ${parts.join(', ')}`;
}

const signs = { alive: 'at work', dead: 'gone', silent: 'does not answer' } as const;
