import type { EngineAddress } from '../../config/engine-address.ts';
import type { Result } from '../../core/diagnostic.ts';
import { Chunks } from '../../core/engine/chunks.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Sign } from '../../runtime/engine/campaign-server.ts';
import { type OpenCampaign, withCampaign } from './open-campaign.ts';
import { RecordedBy } from './recorded-by.ts';

/** One machine, in all its starts. */
export interface MemberStatus {
  readonly machine: string;
  /** `silent`: it does not answer, but its connection stands. */
  readonly sign: Sign;
  readonly recorded: number;
  /** Jobs of chunks that it holds and that are not recorded. */
  readonly holds: number;
  /** Only of those that live. */
  readonly cores: number | undefined;
  readonly jobsPerSecond: number | undefined;
}

export interface CampaignStatus {
  readonly experiment: string;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** Jobs that are run a second time because a machine was lost, at most. */
  readonly lostChunks: number;
  readonly members: readonly MemberStatus[];
}

/** How far a campaign is, and who takes part in it. */
export function readCampaignStatus(address: EngineAddress, experiment: string): Promise<Result<CampaignStatus>> {
  return withCampaign(address, experiment, readStatus);
}

export async function readStatus({ server, campaign }: OpenCampaign): Promise<CampaignStatus> {
  const chunks = new Chunks(campaign);
  // Only who recorded how many is asked for: any order does.
  const recorded = await RecordedBy.read(server.log, chunks, { length: campaign.total, at: (place) => place });
  const records = [...recorded.last.values()];
  const counts = recorded.counts();
  const members = recorded.starts.map(async ({ token, machine }, at): Promise<MemberStatus> => {
    const held = records.filter(({ holder, done }) => holder?.token === token && !done.isFull);
    const { sign, says } = await server.ask(token);
    return {
      ...{ machine, sign, recorded: counts[at] ?? 0 },
      holds: held.reduce((sum, { done }) => sum + done.size - done.count, 0),
      ...readAnswer(says),
    };
  });
  const settled = records.reduce((sum, { done }) => sum + done.count, 0);
  const failed = records.reduce((sum, record) => sum + record.failed, 0);
  return {
    ...{ experiment: campaign.experiment, total: campaign.total, done: settled - failed, failed },
    lostChunks: records.reduce((sum, { losses }) => sum + losses, 0),
    members: byMachine(await Promise.all(members)),
  };
}

/** A machine that was started again counts once; what is said of it is what its last start that lives says. */
function byMachine(starts: readonly MemberStatus[]): readonly MemberStatus[] {
  const machines = new Map<string, MemberStatus>();
  for (const start of starts) {
    const before = machines.get(start.machine);
    const shown = before?.sign === 'alive' && start.sign !== 'alive' ? before : start;
    const [recorded, holds] = [start.recorded + (before?.recorded ?? 0), start.holds + (before?.holds ?? 0)];
    machines.set(start.machine, { ...shown, recorded, holds });
  }
  return [...machines.values()];
}

function readAnswer(says = ''): Pick<MemberStatus, 'cores' | 'jobsPerSecond'> {
  try {
    const value: unknown = JSON.parse(says);
    if (!isRecord(value)) return { cores: undefined, jobsPerSecond: undefined };
    const { cores, jobsPerSecond } = value;
    return {
      cores: typeof cores === 'number' ? cores : undefined,
      jobsPerSecond: typeof jobsPerSecond === 'number' ? jobsPerSecond : undefined,
    };
  } catch {
    return { cores: undefined, jobsPerSecond: undefined };
  }
}
