import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeAddress, type EngineAddress } from '../../config/engine-address.ts';
import type { Diagnostic, Result } from '../../core/diagnostic.ts';
import { planOrder } from '../../core/order.ts';
import { type MergeEnd, mergeJournals } from '../merge/merge.ts';
import type { MergeRequest, OpenCampaignState } from '../merge/merge-request.ts';
import { describeCampaignColumns, describeCampaignDifferences } from './campaign-differences.ts';
import { readStatus } from './campaign-status.ts';
import { type FetchedJournals, fetchJournals } from './fetch-journals.ts';
import { withCampaign } from './open-campaign.ts';

interface FetchedCampaign extends FetchedJournals {
  readonly open: readonly OpenCampaignState[];
}

/** Merges what the logs of campaigns hold, together with whatever folders are given. */
export async function mergeCampaigns(request: MergeRequest, addresses: readonly EngineAddress[]): Promise<MergeEnd> {
  const folder = mkdtempSync(join(request.prepared.files.folder, '.campaign-'));
  try {
    const all: FetchedCampaign[] = [];
    for (const [number, address] of addresses.entries()) {
      const fetched = await fetchCampaign(request, address, mkdtempSync(join(folder, `${number}-`)));
      if (!fetched.ok) return { kind: 'unusable', diagnostics: fetched.diagnostics };
      if ('differs' in fetched.value) return { kind: 'mismatch', diagnostics: fetched.value.differs };
      all.push(fetched.value);
    }
    const end = await mergeJournals({ ...request, given: [...request.given, ...all.flatMap(({ paths }) => paths)] });
    if (end.kind !== 'merged') return end;
    const notices = [...all.flatMap((fetched) => fetched.notices), ...end.report.notices];
    return { ...end, report: { ...end.report, notices, openCampaigns: all.flatMap(({ open }) => open) } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fetchCampaign(
  { prepared }: MergeRequest,
  address: EngineAddress,
  folder: string,
): Promise<Result<FetchedCampaign | { readonly differs: readonly Diagnostic[] }>> {
  const { order: orderKind } = prepared.resolved.settings.run;
  return withCampaign(address, prepared.name, async ({ server, campaign }) => {
    // By which machines and which code: the journals say it of every job.
    const differs = describeCampaignDifferences(campaign, prepared, address, ({ part, what }) =>
      part === 'code' ? what !== 'fingerprint' : part !== 'header.csv' && part !== 'machines.json',
    );
    const columns = describeCampaignColumns(campaign, prepared, address, 'merge with a program that names the same');
    if (columns.length + differs.length > 0) return { differs: [...columns, ...differs] };
    const order = planOrder(campaign.total, campaign.planDigest, orderKind);
    const fetched = await fetchJournals({ server, campaign }, order, folder);
    if (fetched.settled === campaign.total) return { ...fetched, open: [] };
    const { total, done, failed, members } = await readStatus({ server, campaign });
    const atWork = members.filter(({ sign }) => sign === 'alive').map(({ machine }) => machine);
    return { ...fetched, open: [{ where: describeAddress(address), total, settled: done + failed, atWork }] };
  });
}
