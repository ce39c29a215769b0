import type { BuildInfo } from '../../build-info.ts';
import { failed, ok, type Result } from '../../core/diagnostic.ts';
import { isRecord } from '../../core/is-record.ts';
import type { FolderStatus } from '../status.ts';
import { askProgram } from './ask-program.ts';
import { remoteRunFolder } from './deploy.ts';
import { type RemoteMachine, refusal } from './remote-machine.ts';

export type RemoteStatus =
  | { readonly kind: 'known'; readonly status: FolderStatus }
  | { readonly kind: 'not-deployed' }
  /** There is no run folder yet. */
  | { readonly kind: 'not-started' };

/** What `status` says of a folder that holds no run, with an exit code that others share. */
const nothingToShow = /holds no journal of a run/;

/** Asks the program there how far its run is. */
export async function readRemoteStatus(
  machine: RemoteMachine,
  build: BuildInfo,
  experiment: string,
): Promise<Result<RemoteStatus>> {
  const answer = await askProgram(machine, build, [
    'status',
    remoteRunFolder(experiment, machine.place.name),
    '--json',
  ]);
  if (!answer.ok) return answer;
  if (answer.value === undefined) return ok({ kind: 'not-deployed' });
  if (nothingToShow.test(answer.value.said)) return ok({ kind: 'not-started' });
  const status = parseStatus(answer.value.output);
  if (status !== undefined) return ok({ kind: 'known', status: { ...status, machine: machine.place.name } });
  return failed(refusal(machine, 'the program there does not say how far it is', answer.value));
}

/** What `status --json` printed about one folder. Nothing in it is believed. */
function parseStatus(text: string): FolderStatus | undefined {
  const found = readJson(text.trim().split('\n')[0] ?? '');
  const one: unknown = isRecord(found) && Array.isArray(found.folders) ? found.folders[0] : undefined;
  if (!isRecord(one) || !isRecord(one.jobs)) return undefined;
  const { folder, experiment, machine, state, host, pid, jobs } = one;
  const counts = {
    total: countOf(jobs.total),
    done: countOf(jobs.done),
    failed: countOf(jobs.failed),
    retried: countOf(jobs.retried),
  };
  if (state !== 'running' && state !== 'finished' && state !== 'stopped') return undefined;
  if (Object.values(counts).some(Number.isNaN)) return undefined;
  return {
    ...{ folder: String(folder), experiment: String(experiment), machine: String(machine), state, jobs: counts },
    header: undefined,
    holder: host === undefined ? undefined : { host: String(host), pid: Number(pid) },
    isOfCampaign: one.campaign === true,
    rate: typeof one.jobsPerSecond === 'number' ? one.jobsPerSecond : undefined,
    readyAtMs: timeOf(one.readyAt),
    isStopping: one.stopping === true,
    running: Array.isArray(one.running) ? one.running.filter(isRecord).map(readRunning) : [],
    writtenAtMs: timeOf(one.writtenAt) ?? 0,
  };
}

function readRunning({
  job,
  worker,
  startedAt,
  fraction,
  message,
}: Record<string, unknown>): FolderStatus['running'][number] {
  return {
    ...{ job: Number(job), worker: Number(worker), sinceMs: timeOf(startedAt) ?? 0, message: String(message ?? '') },
    fraction: typeof fraction === 'number' ? fraction : undefined,
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : Number.NaN;
}

function timeOf(value: unknown): number | undefined {
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
