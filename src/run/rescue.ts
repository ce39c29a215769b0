import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spellRescue } from '../config/rescue-file.ts';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { digestPlan } from '../core/digest.ts';
import { jobIndex, machineName } from '../core/ids.ts';
import { LastLines } from '../core/journal/last-lines.ts';
import { nearestName } from '../core/nearest.ts';
import { planOrder } from '../core/order.ts';
import type { MachineFacts } from '../core/plan-facts.ts';
import { type Generation, plannedMachines, type RescueChain, type RescuedPlan } from '../core/rescue/generation.ts';
import { nextRescue, type RescueWish } from '../core/rescue/next-rescue.ts';
import { countOf, intersect, type Range, selectRanges } from '../core/rescue/ranges.ts';
import { responsibility } from '../core/rescue/responsibility.ts';
import { replaceFile } from '../runtime/replace-file.ts';
import { journalPath } from '../runtime/run-folder.ts';
import { factsOf } from './follow-rescue.ts';
import { allMachines, type Prepared } from './prepare.ts';
import { type ReadFolder, readFolder } from './read-folder.ts';
import { checkRescue } from './resume.ts';
import { runFolderOf } from './share-request.ts';
import { rescueFileName } from './three-files.ts';

export interface RescueRequest {
  /** Prepared for a rescue. */
  readonly prepared: Prepared;
  /** Run folders or copies of them; none: those beside the three files. */
  readonly folders: readonly string[];
  readonly lost: readonly string[];
  readonly relieved: readonly string[];
  readonly back: readonly string[];
  /** Split everything that is left, also where some are lost or relieved. */
  readonly all: boolean;
}

export type RescueReport =
  | { readonly kind: 'nothing-left' }
  | {
      readonly kind: 'written';
      readonly path: string;
      readonly generation: Generation;
      /** How many of the jobs each machine gets, and how many of them it had before. */
      readonly gets: readonly { readonly machine: string; readonly jobs: number; readonly had: number }[];
      /** Responsible for jobs that were split anew, and no folder of them was given: all theirs count as not done. */
      readonly unseen: readonly string[];
    };

/** Splits anew what is left, and writes `rescue.json` beside the three files. */
export function rescue(request: RescueRequest): Result<RescueReport> {
  const { prepared } = request;
  const names = checkNames(request);
  if (!names.ok) return names;
  const folders = readFolders(request);
  if (!folders.ok) return folders;
  const before = findChain(prepared, folders.value);
  if (!before.ok) return before;
  const { lost, relieved, back, all } = request;
  const wish: RescueWish = { machines: factsOf(prepared.machinesNow), lost, relieved, back, all };
  const next = nextRescue(before.value, wish, settledOf(prepared, before.value.plan, folders.value));
  switch (next.kind) {
    case 'nothing-left':
      return ok({ kind: 'nothing-left' });
    case 'nobody-left':
      return failed(error('nobody is left to take the jobs', 'add a machine to machines.json, or --back NAME'));
    case 'split': {
      const path = join(prepared.files.folder, rescueFileName);
      replaceFile(path, spellRescue(next.chain));
      return ok({ kind: 'written', path, ...describe(before.value, next.chain, folders.value) });
    }
  }
}

function checkNames({ prepared, lost, relieved, back }: RescueRequest): Result<undefined> {
  const known = prepared.machines.map(({ name }) => String(name));
  for (const [flag, names] of Object.entries({ lost, relieve: relieved, back })) {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    const near = nearestName(unknown, known);
    const hint = near === undefined ? `known: ${known.join(', ')}` : `is ${near} meant?`;
    return failed(error(`--${flag}: no plan names a machine ${JSON.stringify(unknown)}`, hint));
  }
  return ok(undefined);
}

function readFolders({ prepared, folders }: RescueRequest): Result<readonly ReadFolder[]> {
  const names = [...new Set([...prepared.machines.map(({ name }) => name), allMachines])];
  const beside = names.map((name) => runFolderOf(prepared, name)).filter((it) => existsSync(journalPath(it)));
  const found: ReadFolder[] = [];
  for (const folder of folders.length > 0 ? folders : beside) {
    const read = readFolder(folder, prepared);
    if (!read.ok) return read;
    const follows = checkRescue(read.value.fold, prepared, folder);
    if (!follows.ok) return follows;
    found.push(read.value);
  }
  return ok(found);
}

/** The rescues so far; where there is none, of the plan that the folders were computed under. */
function findChain(
  { rescue, experimentDigest, pool, planned, resolved }: Prepared,
  folders: readonly ReadFolder[],
): Result<RescueChain> {
  if (rescue !== undefined) return ok(rescue.chain);
  const { order } = resolved.settings.run;
  const plans = new Map<string, RescuedPlan>();
  const add = (machines: readonly MachineFacts[]): void => {
    const planDigest = digestPlan({ experiment: experimentDigest, machines: plannedMachines(machines), order });
    plans.set(planDigest, { experimentDigest, planDigest, order, jobs: pool.length, machines });
  };
  // N/A has run all jobs under whatever plan there was.
  for (const { header } of folders)
    if (header.machine !== allMachines && header.plan !== undefined) add(header.plan.machines);
  if (plans.size === 0) add(factsOf(planned));
  const [plan] = plans.values();
  if (plans.size === 1 && plan !== undefined) return ok({ plan, generations: [] });
  const own = plans.get(digestPlan({ experiment: experimentDigest, machines: planned, order }));
  if (own !== undefined) return ok({ plan: own, generations: [] });
  const message = `the folders are of ${plans.size} plans (machines.json changed between them), and machines.json is of none`;
  return failed(error(message, 'put the machines.json back under which most is running, or give folders of one plan'));
}

/** The positions of the plan's order whose jobs somebody has settled. */
function settledOf(
  { pool }: Prepared,
  { planDigest, order }: RescuedPlan,
  folders: readonly ReadFolder[],
): readonly Range[] {
  const settled = new LastLines();
  for (const folder of folders) {
    folder.settled.lines.forEach((job) => {
      settled.set(job, 1);
    });
  }
  const jobs = planOrder(pool.length, planDigest, order === 'given' ? 'given' : 'shuffled');
  const isSettled = (position: number): boolean => settled.has(jobIndex(jobs.at(position) ?? -1));
  return selectRanges([{ from: 0, to: pool.length }], isSettled);
}

function describe(
  { plan, generations }: RescueChain,
  next: RescueChain,
  folders: readonly ReadFolder[],
): Omit<Extract<RescueReport, { readonly kind: 'written' }>, 'kind' | 'path'> {
  const generation = next.generations.at(-1);
  if (generation === undefined) throw new Error('Internal error: a chain without a rescue');
  const planned = plannedMachines(plan.machines);
  const { positions } = generation;
  const countBy = (list: readonly Generation[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const piece of intersect(responsibility(plan.jobs, planned, list), positions)) {
      counts.set(piece.machine, (counts.get(piece.machine) ?? 0) + countOf([piece]));
    }
    return counts;
  };
  const [had, has] = [countBy(generations), countBy(next.generations)];
  const seen = new Set<string>(folders.map(({ header }) => header.machine));
  return {
    generation,
    gets: [...has]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([machine, jobs]) => ({ machine, jobs, had: had.get(machine) ?? 0 })),
    unseen: [...had.keys()].filter((name) => !seen.has(machineName(name))).sort(),
  };
}

function error(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
