import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { escapeMachineName } from '../../config/machine-name.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Origin } from '../../core/merge/candidate.ts';
import type { OnConflict } from '../../core/merge/choose.ts';
import { nearestName } from '../../core/nearest.ts';
import { planOrder } from '../../core/order.ts';
import { type Responsible, responsibleByPieces } from '../../core/rescue/responsible-machine.ts';
import { explainFileError } from '../../runtime/file-error.ts';
import { codeOf, systemFiles } from '../../runtime/files.ts';
import { Spill } from '../../runtime/merge/spill.ts';
import { lockPath } from '../../runtime/run-folder.ts';
import { type LockHolder, takeLock } from '../../runtime/run-lock.ts';
import { allMachines, type Prepared } from '../prepare.ts';
import { findJournals, gatherJournal, mistake } from './gather-journals.ts';
import { MergeDraft } from './merge-draft.ts';
import type { MergeReport, MergeRequest } from './merge-request.ts';
import { MissingCount } from './missing.ts';
import { areOfCampaign, type Source, type Whole } from './sources.ts';

export type MergeEnd =
  | { readonly kind: 'merged'; readonly report: MergeReport }
  | { readonly kind: 'locked'; readonly folder: string; readonly holder: LockHolder }
  /** What was given cannot be read. */
  | { readonly kind: 'unusable'; readonly diagnostics: readonly Diagnostic[] }
  /** Some of it belongs to another experiment. */
  | { readonly kind: 'mismatch'; readonly diagnostics: readonly Diagnostic[] }
  /** The same code gave different results. */
  | { readonly kind: 'conflict'; readonly diagnostics: readonly Diagnostic[] };

const draftPrefix = '.merge-';

/**
 * Joins the journals of several machines into one folder, in the order of the pool, and proves what is in it. Whatever
 * goes wrong, an earlier merge stays as it was.
 */
export async function mergeJournals(request: MergeRequest): Promise<MergeEnd> {
  const { prepared } = request;
  const folder = join(prepared.files.folder, `${escapeMachineName(prepared.name)}.merged`);
  let release = (): void => undefined;
  try {
    mkdirSync(folder, { recursive: true });
    const lock = takeLock(lockPath(folder));
    if (!lock.ok) return { kind: 'locked', folder, holder: lock.holder };
    release = lock.release;
    return await mergeInto(folder, request);
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    const hint = 'make room, or make it readable and writable, then merge again: nothing is lost';
    return {
      kind: 'unusable',
      diagnostics: [mistake(explainFileError(error)?.message ?? `${folder}: ${error.message}`, hint)],
    };
  } finally {
    release();
  }
}

async function mergeInto(folder: string, request: MergeRequest): Promise<MergeEnd> {
  removeDrafts(folder);
  const scratch = join(folder, `${draftPrefix}${process.pid}`);
  mkdirSync(scratch);
  try {
    return await mergeThrough(scratch, folder, request);
  } finally {
    removeDrafts(folder);
  }
}

/** Also what a merge left that was killed. */
function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(draftPrefix)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

async function mergeThrough(scratch: string, folder: string, request: MergeRequest): Promise<MergeEnd> {
  const { prepared } = request;
  const found = await findJournals(request.given, scratch);
  if (!found.ok) return { kind: 'unusable', diagnostics: found.diagnostics };
  const { journals, notices, bytes } = found.value;
  const spill = new Spill(join(scratch, 'outcomes'), systemFiles, prepared.pool.length, bytes, request.windowBytes);
  try {
    const whole: Whole = { prepared, spell: (job) => prepared.pool.spell(job) };
    const origins: Origin[] = [];
    const sources: Source[] = [];
    const sink = { origins, add: (candidate: Parameters<Spill['add']>[0]) => spill.add(candidate) };
    for (const [number, journal] of journals.entries()) {
      const gathered = gatherJournal(journal, number, whole, sink);
      if (!gathered.ok) return { kind: 'mismatch', diagnostics: gathered.diagnostics };
      sources.push(gathered.value);
      await letOthersRun();
    }
    const stranger = findUnknownJudge(request.onConflict, sources);
    if (stranger !== undefined) return { kind: 'unusable', diagnostics: [stranger] };
    const missing = new MissingCount(() => responsibleOf(prepared, sources));
    const draft = new MergeDraft(request, whole, { scratch, sources, origins, missing });
    try {
      for (let number = 0; number < spill.windows; number++) {
        draft.writeWindow(spill, number);
        await letOthersRun();
      }
      const undecided = draft.describeConflicts();
      if (undecided.length > 0) return { kind: 'conflict', diagnostics: undecided };
      const report = draft.conclude(folder);
      return { kind: 'merged', report: { ...report, notices: [...notices, ...report.notices] } };
    } finally {
      draft.close();
    }
  } finally {
    spill.close();
  }
}

/** `--on-conflict` with a machine of which there is no journal would decide nothing, whatever comes up. */
function findUnknownJudge(onConflict: OnConflict | undefined, sources: readonly Source[]): Diagnostic | undefined {
  if (onConflict?.kind !== 'machine') return undefined;
  const known = [...new Set(sources.map(({ header }) => header.machine))].sort();
  if (known.includes(onConflict.machine)) return undefined;
  const spell = (machine: string): string => (machine === allMachines ? 'N/A' : machine);
  const near = nearestName(onConflict.machine, known);
  const hint = near === undefined ? `known: first, ${known.map(spell).join(', ')}` : `is ${spell(near)} meant?`;
  return mistake(
    `--on-conflict: none of these journals is of a machine ${JSON.stringify(spell(onConflict.machine))}`,
    hint,
  );
}

/** Who has to compute a job that nobody has settled. */
function responsibleOf(prepared: Prepared, sources: readonly Source[]): Responsible {
  const isNobodys = areOfCampaign(sources) || sources.every(({ header }) => header.machine === allMachines);
  if (isNobodys) return () => allMachines;
  const { pool, planDigest, resolved, pieces } = prepared;
  return responsibleByPieces(pieces, planOrder(pool.length, planDigest, resolved.settings.run.order));
}

/** A merge takes long; the lock's sign of life must not wait for its end. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
