import { describeAddress, type EngineAddress } from '../../config/engine-address.ts';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import { type Campaign, decodeCampaign } from '../../core/engine/campaign.ts';
import { namesFor } from '../../core/engine/campaign-names.ts';
import type { CampaignLog } from '../../runtime/engine/campaign-log.ts';
import { CampaignServer } from '../../runtime/engine/campaign-server.ts';
import { connectTo } from '../../runtime/engine/connection.ts';
import { ServerTrouble } from '../../runtime/engine/server-trouble.ts';

export interface OpenCampaign {
  readonly server: CampaignServer;
  readonly campaign: Campaign;
}

/** Uses a campaign that is there already, without taking part in it. */
export async function withCampaign<Value>(
  address: EngineAddress,
  experiment: string,
  use: (open: OpenCampaign) => Promise<Value>,
): Promise<Result<Value>> {
  const connection = await connectTo(address);
  if (!connection.ok) return connection;
  const server = new CampaignServer(connection.value, namesFor(experiment, address.queue));
  try {
    const campaign = await findCampaign(server.log, address, experiment);
    return campaign.ok ? ok(await use({ server, campaign: campaign.value })) : campaign;
  } catch (error) {
    if (!(error instanceof ServerTrouble)) throw error;
    return failed(mistake(`${describeAddress(address)}: ${error.message}`, 'try again when the server is well'));
  } finally {
    await server.close();
  }
}

async function findCampaign(log: CampaignLog, address: EngineAddress, experiment: string): Promise<Result<Campaign>> {
  const id = await log.find();
  if (id !== undefined) log.use(id);
  const last = id && (await log.lastOf(log.names.meta));
  if (last === undefined) {
    const hint = 'another queue? it stands behind the address: nats://…/QUEUE';
    return failed(mistake(`${describeAddress(address)} holds no campaign of ${experiment}`, hint));
  }
  const campaign = decodeCampaign(new TextDecoder().decode(last.bytes));
  if (!('problem' in campaign)) return ok(campaign);
  return failed(mistake(`${describeAddress(address)}: ${campaign.problem}`, 'use the program that began it'));
}

function mistake(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
