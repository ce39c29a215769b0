import { describeAddress, type EngineAddress } from '../../config/engine-address.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Campaign } from '../../core/engine/campaign.ts';
import { areOtherColumns } from '../../core/other-columns.ts';
import { findDifferences, type PlanDifference } from '../../core/plan-difference.ts';
import { describeOtherColumns } from '../other-columns.ts';
import type { Prepared } from '../prepare.ts';

const shownMax = 10;
export const campaignWaysOut =
  'the same files and the same program on every machine; or another queue: nats://…/OTHER; or `forget` the old one';

/** In what the plan here is not that of a campaign; `counts` says which differences matter. Nothing: it is that one. */
export function describeCampaignDifferences(
  campaign: Campaign,
  { facts }: Prepared,
  address: EngineAddress,
  counts: (difference: PlanDifference) => boolean,
): readonly Diagnostic[] {
  const differences = findDifferences(facts, campaign.facts).filter(counts);
  if (differences.length === 0) return [];
  const lines = differences
    .slice(0, shownMax)
    .map(({ part, what, here = 'missing', there = 'missing' }) =>
      mistake(`${part} differs: ${what} is ${shorten(here)} here, ${shorten(there)} in the campaign`),
    );
  return [...lines, mistake(`This is not the campaign there: ${describeOrigin(campaign, address)}`, campaignWaysOut)];
}

/** Its rows stand by place, whatever the code: under other columns they would have names that are not theirs. */
export function describeCampaignColumns(
  { columns: then }: Campaign,
  { headerShape: { columns: now } }: Prepared,
  address: EngineAddress,
  hint: string,
): readonly Diagnostic[] {
  const isKnown = then !== undefined && now !== undefined;
  return isKnown && areOtherColumns(then, now) ? [describeOtherColumns(then, now, describeAddress(address), hint)] : [];
}

/** Which campaign a server holds, since when and by whom. */
export function describeOrigin(
  { experiment, by, createdAtMs }: Pick<Campaign, 'experiment' | 'by' | 'createdAtMs'>,
  address: EngineAddress,
): string {
  return `${describeAddress(address)} holds ${experiment} as ${by} began it at ${new Date(createdAtMs).toISOString()}`;
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);

function mistake(message: string, hint?: string): Diagnostic {
  return { severity: 'error', message, ...(hint !== undefined && { hint }) };
}
