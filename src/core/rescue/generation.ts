import { hashTexts } from '../hash.ts';
import { type Hex, machineName } from '../ids.ts';
import { encodeJson } from '../json.ts';
import type { MachineFacts } from '../plan-facts.ts';
import { parseRatio } from '../ratio.ts';
import type { PlannedMachine } from '../shares.ts';
import { formatRanges, type Range } from './ranges.ts';

/** One rescue: which jobs are split anew, and among whom. */
export interface Generation {
  /** From 1, one after the other. */
  readonly number: number;
  /** Digest of the rescue before, or of the plan. */
  readonly parent: Hex;
  /** `machines.json` as it was then, in order of the names. */
  readonly machines: readonly MachineFacts[];
  /** Gone for good, also those of the rescues before; sorted. */
  readonly lost: readonly string[];
  /** They give up what they have not started, this once; sorted. */
  readonly relieved: readonly string[];
  /** Places of these jobs in the plan's order. */
  readonly positions: readonly Range[];
  readonly digest: Hex;
}

/** The plan that the rescues are about. */
export interface RescuedPlan {
  readonly experimentDigest: Hex;
  readonly planDigest: Hex;
  readonly order: string;
  /** Jobs in the pool. */
  readonly jobs: number;
  readonly machines: readonly MachineFacts[];
}

/** All rescues of a plan so far, the last one last; `rescue.json` holds all of them. */
export interface RescueChain {
  readonly plan: RescuedPlan;
  readonly generations: readonly Generation[];
}

/** Which rescue a session went by. */
export interface RescueRef {
  readonly number: number;
  readonly digest: Hex;
}

export function digestGeneration({
  number,
  parent,
  machines,
  lost,
  relieved,
  positions,
}: Omit<Generation, 'digest'>): Hex {
  const content = { number, machines, lost, relieved, positions: formatRanges(positions) };
  return hashTexts('job-splitter/rescue/v1', parent, encodeJson(content));
}

/** A chain with one rescue more. */
export function addGeneration(
  { plan, generations }: RescueChain,
  wish: Pick<Generation, 'machines' | 'lost' | 'relieved' | 'positions'>,
): RescueChain {
  const last = generations.at(-1);
  const generation = { ...wish, number: generations.length + 1, parent: last?.digest ?? plan.planDigest };
  return { plan, generations: [...generations, { ...generation, digest: digestGeneration(generation) }] };
}

/** Who takes part in a split. */
export function takersOf({
  machines,
  lost,
  relieved,
}: Pick<Generation, 'machines' | 'lost' | 'relieved'>): readonly PlannedMachine[] {
  return plannedMachines(machines.filter(({ name }) => !lost.includes(name) && !relieved.includes(name)));
}

/** Throws where a weight is no number above 0: whoever read the facts has seen to that. */
export function plannedMachines(machines: readonly MachineFacts[]): readonly PlannedMachine[] {
  return machines.map(({ name, weight, cores }) => {
    const ratio = parseRatio(weight);
    if (ratio === undefined) throw new Error(`Internal error: the weight ${weight}`);
    return { name: machineName(name), weight: ratio, cores };
  });
}

export function refOf({ generations }: RescueChain): RescueRef | undefined {
  const last = generations.at(-1);
  return last && { number: last.number, digest: last.digest };
}

/** Whether a chain holds the rescue that somebody has gone by: then it is the same one, or goes on from it. */
export function holdsRescue({ generations }: RescueChain, { number, digest }: RescueRef): boolean {
  return generations[number - 1]?.digest === digest;
}
