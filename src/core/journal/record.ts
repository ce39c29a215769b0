import type { Assignment } from '../dispatch/protocol.ts';
import { type Hex, hex, type JobIndex, type MachineName, machineName } from '../ids.ts';
import { isRecord } from '../is-record.ts';
import type { FailedOutcome, Failure, FailureCause } from '../outcome.ts';
import type { RescueRef } from '../rescue/generation.ts';
import { type BlockRecord, decodeBlock } from './block.ts';
import { decodeFailure, decodeOutcome, type JournalledOutcome } from './journalled-outcome.ts';
import { isJobIndex } from './last-lines.ts';
import { decodeRecordedPlan, type RecordedPlan } from './recorded-plan.ts';

/** Version of the format written; every earlier one stays readable. */
export const journalVersion = 1;

/** The first line: what this journal is about. */
export interface JournalHeader {
  readonly experiment: string;
  readonly machine: MachineName;
  readonly experimentDigest: Hex;
  readonly planDigest: Hex;
  readonly seed: string;
  readonly stream: 'same' | 'per-job';
  /** Jobs in the whole pool. */
  readonly total: number;
  /** Jobs in this machine's share. */
  readonly share: number;
  /** Its jobs came from a campaign's queue: `machines.json` need not name the machine. */
  readonly joined?: true;
  /** The settings and machines behind the digests; journals of version 0.1 do not have it. */
  readonly plan?: RecordedPlan;
}

/** Written at each start; the outcomes that follow belong to it. Times in milliseconds since 1970. */
export interface JournalSession {
  readonly startedAtMs: number;
  readonly codeFingerprint: Hex;
  readonly host: string;
  readonly pid: number;
  readonly cores: number;
  readonly target: string;
  readonly versions: Readonly<Record<string, string>>;
  /** How long the sessions before this one worked together; left out where there were none. */
  readonly beforeMs?: number;
  /** The next four: of a pool that changed since the journal began; left out where the header's hold. */
  readonly experimentDigest?: Hex;
  readonly planDigest?: Hex;
  readonly total?: number;
  readonly share?: number;
  /** What failed before this session counts no more: it runs again. */
  readonly retryFailed?: true;
  /** What other code than this session's settled before it counts no more. */
  readonly rerunOlderCode?: true;
  /** The rescue that decided which jobs this session was about; left out where there was none. */
  readonly rescue?: RescueRef;
  /** Of the experiment, for which its rows were returned: they stand here by place. Left out where it names none. */
  readonly columns?: readonly string[];
  /** Fingerprint of all that decides what text a job gives in `results.csv`: blocks vouch for theirs under it only. */
  readonly results?: string;
}

export interface FailedAttempt {
  readonly job: JobIndex;
  readonly attempt: number;
  readonly cause: FailureCause;
}

export type JournalRecord =
  | ({ readonly type: 'journal' } & JournalHeader)
  | ({ readonly type: 'session' } & JournalSession)
  | { readonly type: 'outcomes'; readonly list: readonly JournalledOutcome[] }
  | BlockRecord
  | ({ readonly type: 'failed-attempt' } & FailedAttempt);

export function encodeHeader(header: JournalHeader): string {
  return JSON.stringify({ type: 'journal', version: journalVersion, ...header });
}

export function encodeSession(session: JournalSession): string {
  return JSON.stringify({ type: 'session', ...session });
}

export function encodeFailedAttempt({ job, attempt }: Assignment, failure: Failure): string {
  return JSON.stringify({ type: 'failed-attempt', job, attempt, failure });
}

/** One job's identity as the journal spells it: arguments in canonical JSON, and which of equal ones. */
export interface SpeltJob {
  readonly argsJson: string;
  readonly occurrence: number;
}

/** A line of type `outcomes` with one failure; those of before blocks held several, and successes too. */
export function encodeFailedOutcome(outcome: FailedOutcome, { argsJson, occurrence }: SpeltJob): string {
  const { job, attempt, worker, startedAtMs, endedAtMs, runMs, failure } = outcome;
  const same = occurrence === 0 ? '' : `"same":${occurrence},`;
  const head = `{"job":${job},"args":${argsJson},${same}"attempt":${attempt},"worker":${worker}`;
  const times = `"start":${startedAtMs},"end":${endedAtMs},"run":${runMs}`;
  return `{"type":"outcomes","list":[${head},${times},"failure":${JSON.stringify(failure)}}]}`;
}

/** Reads the body of a line; says what is wrong with one that no version of ours wrote. */
export function decodeRecord(body: Readonly<Record<string, unknown>>): JournalRecord | { readonly problem: string } {
  switch (body.type) {
    case 'journal':
      return decodeHeader(body);
    case 'session':
      return decodeSession(body);
    case 'outcomes':
      return decodeOutcomes(body.list);
    case 'block':
      return decodeBlock(body);
    case 'failed-attempt':
      return decodeFailedAttempt(body);
    default:
      return { problem: `unknown line type ${JSON.stringify(body.type)}` };
  }
}

function decodeHeader(body: Readonly<Record<string, unknown>>): JournalRecord | { readonly problem: string } {
  if (body.version !== journalVersion) {
    return { problem: `journal version ${String(body.version)}; this program reads version ${journalVersion}` };
  }
  return {
    type: 'journal',
    experiment: String(body.experiment),
    machine: machineName(String(body.machine)),
    experimentDigest: hex(String(body.experimentDigest)),
    planDigest: hex(String(body.planDigest)),
    seed: String(body.seed),
    stream: body.stream === 'per-job' ? 'per-job' : 'same',
    total: Number(body.total),
    share: Number(body.share),
    ...(body.joined === true && { joined: true as const }),
    ...decodeRecordedPlan(body.plan),
  };
}

function decodeSession(body: Readonly<Record<string, unknown>>): JournalRecord {
  const versions = isRecord(body.versions) ? body.versions : {};
  return {
    type: 'session',
    startedAtMs: Number(body.startedAtMs),
    codeFingerprint: hex(String(body.codeFingerprint)),
    host: String(body.host),
    pid: Number(body.pid),
    cores: Number(body.cores),
    target: String(body.target),
    versions: Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, String(version)])),
    ...(typeof body.beforeMs === 'number' && { beforeMs: body.beforeMs }),
    ...(typeof body.experimentDigest === 'string' && { experimentDigest: hex(body.experimentDigest) }),
    ...(typeof body.planDigest === 'string' && { planDigest: hex(body.planDigest) }),
    ...(typeof body.total === 'number' && { total: body.total }),
    ...(typeof body.share === 'number' && { share: body.share }),
    ...(body.retryFailed === true && { retryFailed: true as const }),
    ...(body.rerunOlderCode === true && { rerunOlderCode: true as const }),
    ...(Array.isArray(body.columns) && { columns: body.columns.map(String) }),
    ...(typeof body.results === 'string' && { results: body.results }),
    ...decodeRescue(body.rescue),
  };
}

function decodeRescue(value: unknown): { readonly rescue?: RescueRef } {
  if (!isRecord(value)) return {};
  return { rescue: { number: Number(value.number), digest: hex(String(value.digest)) } };
}

function decodeOutcomes(list: unknown): JournalRecord | { readonly problem: string } {
  if (!Array.isArray(list)) return { problem: 'outcomes without a list' };
  const outcomes: JournalledOutcome[] = [];
  for (const item of list) {
    const outcome = isRecord(item) ? decodeOutcome(item) : undefined;
    if (outcome === undefined) return { problem: 'an outcome that is none' };
    outcomes.push(outcome);
  }
  return { type: 'outcomes', list: outcomes };
}

function decodeFailedAttempt(body: Readonly<Record<string, unknown>>): JournalRecord | { readonly problem: string } {
  const failure = isRecord(body.failure) ? decodeFailure(body.failure) : undefined;
  if (failure === undefined || !isJobIndex(body.job)) return { problem: 'a failed attempt without its cause' };
  return { type: 'failed-attempt', job: body.job, attempt: Number(body.attempt), cause: failure.cause };
}
