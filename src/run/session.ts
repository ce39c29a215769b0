import { hostname } from 'node:os';
import { hex } from '../core/ids.ts';
import type { JournalFold } from '../core/journal/fold.ts';
import { encodeLine } from '../core/journal/line.ts';
import { encodeHeader, encodeSession, type JournalHeader, type JournalSession } from '../core/journal/record.ts';
import { refOf } from '../core/rescue/generation.ts';
import { checksum } from '../runtime/checksum.ts';
import { recordPlan } from './recorded-plan.ts';
import { fingerprintResults } from './results-layout.ts';
import type { ShareRequest } from './share-request.ts';
import type { Slice } from './slice.ts';

/** When a session begins, and how long those before it worked together. */
export interface SessionTimes {
  readonly nowMs: number;
  readonly beforeMs: number;
}

/** What the journal tells of this start. */
export function describeSession(
  request: ShareRequest,
  fold: JournalFold,
  slice: Slice,
  { nowMs, beforeMs }: SessionTimes,
): JournalSession {
  const { build, cores, experiment, prepared, retryFailed, rerunOlderCode } = request;
  const { experimentDigest, planDigest, pool } = prepared;
  const { header } = fold;
  const rescue = prepared.rescue && refOf(prepared.rescue.chain);
  const samePlan =
    header === undefined || (header.experimentDigest === experimentDigest && header.planDigest === planDigest);
  return {
    startedAtMs: Math.round(nowMs),
    codeFingerprint: hex(build.code),
    host: hostname(),
    pid: process.pid,
    cores,
    target: build.target,
    versions: { 'job-splitter': build.version, node: process.versions.node },
    ...(beforeMs > 0 && { beforeMs }),
    ...(!samePlan && { experimentDigest, planDigest, total: pool.length, share: slice.length }),
    ...(retryFailed && { retryFailed }),
    ...(rerunOlderCode && { rerunOlderCode }),
    ...(experiment.columns !== undefined && { columns: experiment.columns }),
    results: fingerprintResults(request),
    ...(rescue !== undefined && { rescue, share: slice.length }),
  };
}

/** What a new journal is about. */
export function describeHeader({ prepared, machine, engine }: ShareRequest, share: number): JournalHeader {
  const { name, experimentDigest, planDigest, seed, pool, resolved } = prepared;
  return {
    experiment: name,
    machine,
    experimentDigest,
    planDigest,
    seed,
    stream: resolved.settings.random.stream,
    total: pool.length,
    share,
    ...(engine !== undefined && { joined: true as const }),
    plan: recordPlan(prepared),
  };
}

/** The same session, going by another rescue. What it declared void at its start is void already. */
export function continueSession(session: JournalSession, { prepared }: ShareRequest): JournalSession {
  const { retryFailed: _, rerunOlderCode: __, share: ___, ...rest } = session;
  const rescue = prepared.rescue && refOf(prepared.rescue.chain);
  return { ...rest, ...(rescue !== undefined && { rescue }) };
}

/**
 * The lines that open a session: a new journal's header, and the session. The fold takes them in as well: what it
 * says from here on is what a later start will read.
 */
export function openSession(fold: JournalFold, session: JournalSession, request: ShareRequest, slice: Slice): string[] {
  const bodies = [encodeSession(session)];
  if (fold.header === undefined) bodies.unshift(encodeHeader(describeHeader(request, slice.length)));
  return bodies.map((body) => {
    const line = encodeLine(fold.nextSeq, body, checksum);
    fold.add(line.trimEnd());
    return line;
  });
}
