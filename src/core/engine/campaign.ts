import type { Hex } from '../ids.ts';
import { isRecord } from '../is-record.ts';
import { areOtherColumns } from '../other-columns.ts';
import type { PlanFacts } from '../plan-facts.ts';
import type { ChunkCut } from './chunks.ts';

/** What all machines of one campaign hold on to: written once, by the first of them. */
export interface Campaign extends ChunkCut {
  readonly experiment: string;
  readonly planDigest: Hex;
  readonly code: string;
  readonly facts: PlanFacts;
  /** Jobs of a machine that gave no sign for so long go to others. */
  readonly leaseMs: number;
  readonly createdAtMs: number;
  /** The machine that came first. */
  readonly by: string;
  /** Of its experiment: all rows stand for them, by place. Left out where it names none; campaigns of before do not have it. */
  readonly columns?: readonly string[];
}

/** Version of everything that machines write into the server. */
const protocolVersion = 1;

export function encodeCampaign(campaign: Campaign): string {
  return JSON.stringify({ protocol: protocolVersion, ...campaign });
}

/** Says what is wrong with one that this version did not write. */
export function decodeCampaign(text: string): Campaign | { readonly problem: string } {
  const value = parse(text);
  if (!isRecord(value)) return { problem: 'what it says of the campaign cannot be read' };
  if (value.protocol !== protocolVersion) {
    return { problem: `it holds protocol ${String(value.protocol)}; this program speaks ${protocolVersion}` };
  }
  const { total, jobsMax, parts, leaseMs, experiment, planDigest, facts } = value;
  const isWhole = [total, jobsMax, parts, leaseMs].every((it) => typeof it === 'number' && it > 0);
  if (!isWhole || typeof experiment !== 'string' || typeof planDigest !== 'string' || !isRecord(facts)) {
    return { problem: 'what it says of the campaign is not whole' };
  }
  const { columns, ...rest } = value;
  const named = Array.isArray(columns) ? { columns: columns.map(String) } : {};
  return { ...rest, ...named } as unknown as Campaign;
}

/** Whether two entries are about the same jobs, cut in the same way, and rows of the same columns. */
export function isSameCampaign(one: Campaign, other: Campaign): boolean {
  const names = ['experiment', 'planDigest', 'total', 'jobsMax', 'parts'] as const;
  return names.every((name) => one[name] === other[name]) && !areOtherColumns(one.columns, other.columns);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Large enough that a chunk costs little beside its jobs, small enough for a bit of each job in every record. */
const jobsMaxRange = { from: 1_000, to: 4_000 } as const;
/** So many chunks of the largest size a pool has, within these bounds. */
const largestCount = 250;
const partsMin = 64;

/** `cores`: of all machines that are known of. */
export function cutFor(total: number, cores: number): ChunkCut {
  const jobsMax = Math.min(jobsMaxRange.to, Math.max(jobsMaxRange.from, Math.ceil(total / largestCount)));
  return { total, jobsMax, parts: Math.max(partsMin, 2 * cores) };
}
