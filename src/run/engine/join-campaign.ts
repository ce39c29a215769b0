import { randomBytes } from 'node:crypto';
import { describeAddress, type EngineAddress } from '../../config/engine-address.ts';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import { type Campaign, cutFor, decodeCampaign, encodeCampaign } from '../../core/engine/campaign.ts';
import { namesFor } from '../../core/engine/campaign-names.ts';
import type { MachineName } from '../../core/ids.ts';
import { planOrder } from '../../core/order.ts';
import type { CampaignLog } from '../../runtime/engine/campaign-log.ts';
import { CampaignServer } from '../../runtime/engine/campaign-server.ts';
import { connectTo } from '../../runtime/engine/connection.ts';
import type { Engine } from '../../runtime/engine/engine.ts';
import { JetStreamEngine } from '../../runtime/engine/jetstream-engine.ts';
import { GivenUp } from '../../runtime/engine/patience.ts';
import { ServerTrouble } from '../../runtime/engine/server-trouble.ts';
import type { Prepared } from '../prepare.ts';
import { campaignWaysOut, describeCampaignColumns, describeCampaignDifferences } from './campaign-differences.ts';

export interface JoinRequest {
  readonly address: EngineAddress;
  readonly prepared: Prepared;
  readonly machine: MachineName;
  /** Rows of other code than that of the machine that came first are wanted, too. */
  readonly acceptCode: boolean;
}

export type Joined =
  | { readonly kind: 'joined'; readonly engine: Engine }
  | { readonly kind: 'unusable'; readonly diagnostics: readonly Diagnostic[] }
  /** The campaign there is about something else. */
  | { readonly kind: 'differs'; readonly diagnostics: readonly Diagnostic[] };

/** Takes part in the campaign that a server holds of this experiment, or begins it. */
export async function joinCampaign(request: JoinRequest): Promise<Joined> {
  const { address, prepared } = request;
  const connection = await connectTo(address);
  if (!connection.ok) return { kind: 'unusable', diagnostics: connection.diagnostics };
  const server = new CampaignServer(connection.value, namesFor(prepared.name, address.queue));
  try {
    const joined = await joinThrough(server, request);
    if (joined.kind !== 'joined') await server.close();
    return joined;
  } catch (error) {
    await server.close();
    if (!(error instanceof ServerTrouble || error instanceof GivenUp)) throw error;
    const hint = 'it needs JetStream with a store that has room: `serve` starts one that has';
    return { kind: 'unusable', diagnostics: [mistake(`${describeAddress(address)}: ${error.message}`, hint)] };
  }
}

async function joinThrough(server: CampaignServer, request: JoinRequest): Promise<Joined> {
  const { prepared, machine } = request;
  const found = await agreeOn(server, request);
  if (!found.ok) return { kind: 'unusable', diagnostics: found.diagnostics };
  const { address, acceptCode } = request;
  // The header decides only how this machine's own table looks.
  const differences = describeCampaignDifferences(found.value, prepared, address, ({ part, what }) =>
    part === 'code' && what === 'fingerprint' ? !acceptCode : part !== 'header.csv',
  );
  const diagnostics = [...describeCampaignColumns(found.value, prepared, address, sameColumns), ...differences];
  if (diagnostics.length > 0) return { kind: 'differs', diagnostics };
  const { settings } = prepared.resolved;
  const order = planOrder(prepared.pool.length, prepared.planDigest, settings.run.order);
  const me = { token: randomBytes(9).toString('hex'), machine };
  const patienceMs = settings.run.serverWaitMs;
  return {
    kind: 'joined',
    engine: await JetStreamEngine.join({ server, campaign: found.value, order, me, patienceMs }),
  };
}

const sameColumns =
  'name them as before to take part (in header.csv they may be called otherwise); or another queue: nats://…/OTHER; or `forget` the old one';
const writeTries = 5;

/** What the first machine wrote; this one's word where it is the first. */
async function agreeOn(
  { log }: CampaignServer,
  { prepared, machine, address }: JoinRequest,
): Promise<Result<Campaign>> {
  const { columns } = prepared.headerShape;
  const campaign: Campaign = {
    ...cutFor(prepared.pool.length, coresOf(prepared)),
    experiment: prepared.name,
    planDigest: prepared.planDigest,
    code: prepared.facts.code,
    facts: prepared.facts,
    leaseMs: prepared.resolved.settings.run.leaseMs,
    createdAtMs: Date.now(),
    by: machine,
    ...(columns !== undefined && { columns }),
  };
  const found = decodeCampaign(await writeOnce(log, encodeCampaign(campaign)));
  if (!('problem' in found)) return ok(found);
  return failed(mistake(`${describeAddress(address)}: ${found.problem}`, campaignWaysOut));
}

/** What the log says of the campaign: this text where nobody was faster. */
async function writeOnce(log: CampaignLog, text: string): Promise<string> {
  for (let tries = 0; tries < writeTries; tries++) {
    try {
      const id = await log.findOrBegin();
      const there = await log.writeMeta(id, text);
      if (there !== undefined) {
        log.use(id);
        return there;
      }
    } catch (error) {
      if (!(error instanceof ServerTrouble && error.isLost)) throw error;
    }
    // The log was removed at this moment, and another one may have come.
  }
  throw new ServerTrouble('its log is removed again and again', false);
}

const coresOf = ({ machinesNow }: Prepared): number => machinesNow.reduce((sum, { cores }) => sum + cores, 0);

function mistake(message: string, hint?: string): Diagnostic {
  return { severity: 'error', message, ...(hint !== undefined && { hint }) };
}
