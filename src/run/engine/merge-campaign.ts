import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineAddress } from '../../config/engine-address.ts';
import { planOrder } from '../../core/order.ts';
import { type MergeEnd, mergeJournals } from '../merge/merge.ts';
import type { MergeRequest } from '../merge/merge-request.ts';
import { fetchJournals } from './fetch-journals.ts';
import { withCampaign } from './open-campaign.ts';

/** Merges what the logs of campaigns hold, together with whatever folders are given. */
export async function mergeCampaigns(request: MergeRequest, addresses: readonly EngineAddress[]): Promise<MergeEnd> {
  const { prepared } = request;
  const folder = mkdtempSync(join(prepared.files.folder, '.campaign-'));
  try {
    const given = [...request.given];
    const notices: string[] = [];
    for (const [number, address] of addresses.entries()) {
      const fetched = await withCampaign(address, prepared.name, ({ server, campaign }) => {
        const order = planOrder(campaign.total, campaign.planDigest, prepared.resolved.settings.run.order);
        return fetchJournals({ server, campaign }, order, mkdtempSync(join(folder, `${number}-`)));
      });
      if (!fetched.ok) return { kind: 'unusable', diagnostics: fetched.diagnostics };
      given.push(...fetched.value.paths);
      notices.push(...fetched.value.notices);
    }
    const end = await mergeJournals({ ...request, given });
    if (end.kind !== 'merged') return end;
    return { ...end, report: { ...end.report, notices: [...notices, ...end.report.notices] } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
