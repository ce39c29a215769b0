import { hashTexts } from '../hash.ts';
import type { Hex } from '../ids.ts';
import { isRecord } from '../is-record.ts';
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
  return value as unknown as Campaign;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const jobsMaxDefault = 1_000;
const partsMin = 64;

/** `cores`: of all machines that are known of. */
export function cutFor(total: number, cores: number): ChunkCut {
  return { total, jobsMax: jobsMaxDefault, parts: Math.max(partsMin, 2 * cores) };
}

/** Names of everything that belongs to a campaign in the server; they may hold only letters, digits, `_` and `-`. */
export interface CampaignNames {
  /** Truth: rows, records, machines; only ever appended to. */
  readonly logStream: string;
  /** Hints: one message for each chunk. */
  readonly queueStream: string;
  readonly consumer: string;
  readonly meta: string;
  readonly allChunks: string;
  readonly allRows: string;
  readonly logSubjects: readonly string[];
  readonly queueSubjects: readonly string[];
  chunk(number: number): string;
  /** Rows of one start of one machine. */
  rows(token: string): string;
  queued(number: number): string;
  /** Asked by whoever wants to know whether that start lives. */
  alive(token: string): string;
}

const slugLength = 40;

/** `queue` tells campaigns of one experiment apart. */
export function namesFor(experiment: string, queue: string): CampaignNames {
  const slug = experiment.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, slugLength);
  const id = `${slug}-${hashTexts('job-splitter campaign 1', experiment, queue).slice(0, 12)}`;
  return {
    logStream: `${id}-log`,
    queueStream: `${id}-queue`,
    consumer: 'machines',
    meta: `${id}.meta`,
    allChunks: `${id}.chunk.*`,
    allRows: `${id}.rows.*`,
    logSubjects: [`${id}.meta`, `${id}.chunk.*`, `${id}.rows.*`],
    queueSubjects: [`${id}.queue.*`],
    chunk: (number) => `${id}.chunk.${number}`,
    rows: (token) => `${id}.rows.${token}`,
    queued: (number) => `${id}.queue.${number}`,
    alive: (token) => `${id}.alive.${token}`,
  };
}

/** The chunk that a subject is about; `undefined`: none. */
export function chunkOfSubject(subject: string): number | undefined {
  const last = /\.(\d{1,10})$/.exec(subject)?.[1];
  return last === undefined ? undefined : Number(last);
}
