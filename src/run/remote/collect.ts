import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import { batchesOf, type FetchWish, isOtherRun, planFetch, startsToCompare } from '../../core/remote/collect-plan.ts';
import { type Listing, parseListing } from '../../core/remote/listing.ts';
import type { RemoteFolder } from '../../core/remote/remote-folder.ts';
import { scriptCodes } from '../../core/remote/remote-scripts.ts';
import type { RemoteStep } from '../../core/remote/remote-step.ts';
import type { SshSettings } from '../../core/remote/ssh-options.ts';
import { explainFileError } from '../../runtime/file-error.ts';
import { codeOf } from '../../runtime/files.ts';
import { CollectedFolder } from '../../runtime/remote/collected-folder.ts';
import { lockPath } from '../../runtime/run-folder.ts';
import { findLivingHolder } from '../../runtime/run-lock.ts';
import { moveAside } from '../move-aside.ts';
import { changing, fetchAll } from './fetch-files.ts';
import { type RemoteMachine, type RemotePlace, refusal, withRemoteMachine } from './remote-machine.ts';

export interface CollectRequest {
  readonly place: RemotePlace;
  readonly folder: RemoteFolder;
  readonly settings: SshSettings;
  /** What the run folder is called there. */
  readonly runFolder: string;
  /** Where its copy is to lie here. */
  readonly target: string;
  readonly tell: (place: RemotePlace, step: RemoteStep) => void;
}

export type Collected =
  | { readonly kind: 'collected'; readonly files: number; readonly bytes: number; readonly notices: readonly string[] }
  | { readonly kind: 'nothing-there' };

/** So often in a row may something come between without anything having arrived, and so long is waited then. */
const vainRoundsMax = 4;
const againMs = 1_000;
/** However much each brings. */
const roundsMax = 100;

/**
 * Brings a run folder home, also of a run that goes on: only what is not here yet. Every file is taken for one that grows: what
 * is here is kept where it is the beginning of what is there, as hashes say.
 */
export async function collectFrom(request: CollectRequest): Promise<Result<Collected>> {
  const { place, folder, settings, tell, target } = request;
  const holder = existsSync(target) ? findLivingHolder(lockPath(target)) : undefined;
  if (holder !== undefined) return failed(isComputedHere(target, holder.pid));
  tell(place, { kind: 'connecting' });
  try {
    return await withRemoteMachine(place, folder, settings, (machine) => collectRounds(machine, request));
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    return failed({
      severity: 'error',
      message: explainFileError(error)?.message ?? `${target}: ${error.message}`,
      hint: 'make room, or make it writable',
    });
  }
}

function isComputedHere(target: string, pid: number): Diagnostic {
  return mistake(`${target} is being computed here, by process ${pid}`, 'collect elsewhere: --to FOLDER');
}

function mistake(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}

async function collectRounds(machine: RemoteMachine, request: CollectRequest): Promise<Result<Collected>> {
  const sum = new Sum();
  let problem = changing(machine.place);
  for (let [round, inVain] = [0, 0]; round < roundsMax && inVain < vainRoundsMax; round++) {
    const before = sum.bytes;
    const end = await collectOnce(machine, request, sum);
    if (!end.ok) return end;
    if (end.value.kind === 'nothing-there') return ok(end.value);
    if (end.value.kind === 'whole') return ok(balanceOf(sum));
    problem = end.value.problem;
    inVain = sum.bytes > before ? 0 : inVain + 1;
    await wait(againMs);
  }
  return failed(problem);
}

class Sum {
  readonly paths = new Set<string>();
  bytes = 0;
  readonly notices = new Set<string>();
}

function balanceOf({ paths, bytes, notices }: Sum): Collected {
  return { kind: 'collected', files: paths.size, bytes, notices: [...notices] };
}

type RoundEnd =
  | { readonly kind: 'nothing-there' }
  | { readonly kind: 'whole' }
  /** Something came between; another round goes on from there. */
  | { readonly kind: 'again'; readonly problem: Diagnostic };

async function collectOnce(machine: RemoteMachine, request: CollectRequest, sum: Sum): Promise<Result<RoundEnd>> {
  request.tell(machine.place, { kind: 'looking' });
  const listing = await list(machine, request.runFolder);
  if (!listing.ok) return listing;
  if (listing.value === undefined) return ok({ kind: 'nothing-there' });
  for (const name of listing.value.refused)
    sum.notices.add(`left there, for its name: ${JSON.stringify(name.slice(0, 200))}`);
  const wishes = await compare(machine, request, listing.value, sum);
  if (!wishes.ok) return wishes;
  const problem = await fetchTelling(machine, request, wishes.value, sum);
  return ok(problem === undefined ? { kind: 'whole' } : { kind: 'again', problem });
}

async function fetchTelling(
  machine: RemoteMachine,
  { target, runFolder, tell }: CollectRequest,
  wishes: readonly FetchWish[],
  sum: Sum,
): Promise<Diagnostic | undefined> {
  const total = wishes.reduce((all, { piece }) => all + piece.bytes, 0);
  let bytes = 0;
  for (const { piece } of wishes) sum.paths.add(piece.path);
  return fetchAll(machine, runFolder, new CollectedFolder(target), wishes, (count) => {
    bytes += count;
    sum.bytes += count;
    tell(machine.place, { kind: 'copying', what: 'results', bytes, total });
  });
}

/** `undefined`: there is no journal. */
async function list(machine: RemoteMachine, runFolder: string): Promise<Result<Listing | undefined>> {
  const answer = await machine.ask(machine.scripts.list(runFolder));
  if (!answer.ok) return answer;
  const { code, output } = answer.value;
  if (code === scriptCodes.noFolder || code === scriptCodes.nothingThere) return ok(undefined);
  // Files may vanish while they are counted: what was listed is there.
  const listing = parseListing(output);
  return listing.files.length > 0
    ? ok(listing)
    : failed(refusal(machine, 'its run folder cannot be listed', answer.value));
}

async function compare(
  machine: RemoteMachine,
  { target, runFolder }: CollectRequest,
  { files }: Listing,
  { notices }: Sum,
): Promise<Result<readonly FetchWish[]>> {
  const here = new CollectedFolder(target);
  const sizes = new Map(files.map(({ path }) => [path, here.bytes(path)]));
  const localBytes = (path: string): number | undefined => sizes.get(path);
  const same = new Set<string>();
  for (const batch of batchesOf(startsToCompare(files, localBytes))) {
    const answer = await machine.ask(machine.scripts.hashStarts(runFolder, batch));
    if (!answer.ok) return answer;
    const hashes = answer.value.output.split(/\r?\n/);
    for (const [at, { path, bytes }] of batch.entries()) {
      if (hashes[at]?.trim().toLowerCase() === (await here.hashStart(path, bytes))) same.add(path);
    }
  }
  const wishes = planFetch(files, localBytes, (path) => same.has(path));
  if (!isOtherRun(wishes)) return ok(wishes);
  const moved = moveAside(target, Date.now());
  if (!moved.ok) return moved;
  if (moved.value.kind === 'moved')
    notices.add(`the run there is another one; what was collected before is in ${moved.value.to}`);
  return ok(
    planFetch(
      files,
      () => undefined,
      () => false,
    ),
  );
}
