import type { Machine } from '../config/machines.ts';
import { parseRescue } from '../config/rescue-file.ts';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { formatCountOf } from '../core/format-count.ts';
import type { Hex } from '../core/ids.ts';
import { machineDifferences } from '../core/plan-difference.ts';
import type { MachineFacts } from '../core/plan-facts.ts';
import { formatDecimal } from '../core/ratio.ts';
import { plannedMachines, type RescueChain } from '../core/rescue/generation.ts';
import type { Piece } from '../core/rescue/piece.ts';
import { responsibility } from '../core/rescue/responsibility.ts';
import type { PlannedMachine } from '../core/shares.ts';
import type { InputFile } from './three-files.ts';

/** The rescues of a plan, checked, and who is responsible for what by them. */
export interface FollowedRescue {
  readonly chain: RescueChain;
  readonly planned: readonly PlannedMachine[];
  readonly pieces: readonly Piece[];
}

/** What a rescue must be about. */
export interface RescueWish {
  readonly experimentDigest: Hex;
  readonly order: 'shuffled' | 'given';
  /** Jobs in the pool. */
  readonly jobs: number;
  /** `machines.json`; `undefined`: it is not filled in. */
  readonly machines: readonly PlannedMachine[] | undefined;
}

/**
 * Reads `rescue.json` and believes it only where it is whole and about this experiment, this pool and a plan that its own
 * machines give. `machines.json` may be the plan's or that of any of its rescues: who has what follows from the rescues
 * alone, so that machines need no other file than this one.
 */
export function followRescue(
  { text, path }: InputFile,
  wish: RescueWish,
  machinesMayDiffer: boolean,
): Result<FollowedRescue | undefined> {
  if (text === undefined) return ok(undefined);
  const parsed = parseRescue(text, path);
  if (!parsed.ok) return parsed;
  const { plan, generations } = parsed.value;
  const planned = plannedMachines(plan.machines);
  const { experimentDigest, order, jobs, machines } = wish;
  if (plan.experimentDigest !== experimentDigest || plan.jobs !== jobs) {
    const pools =
      plan.jobs === jobs
        ? 'its jobs or settings differ, or the seed'
        : `${formatCountOf(plan.jobs, 'job')} then, ${jobs} now`;
    const hint = `set it back to go on; or move ${path} away on all machines, go on, and make a new rescue`;
    return failed(error(`${path} is about another experiment: ${pools}`, hint));
  }
  if (plan.order !== order) {
    return failed(error(`${path} is about [run] order = ${plan.order}, not ${order}`, 'set it back to go on'));
  }
  const last = generations.at(-1)?.machines ?? plan.machines;
  if (machines !== undefined && !machinesMayDiffer) {
    const known = [plan.machines, ...generations.map((generation) => generation.machines)];
    const here = factsOf(machines);
    if (known.every((facts) => machineDifferences(here, facts).length > 0)) return failed(differs(path, here, last));
  }
  return ok({ chain: parsed.value, planned, pieces: responsibility(jobs, planned, generations) });
}

function differs(path: string, here: readonly MachineFacts[], there: readonly MachineFacts[]): Diagnostic {
  const list = machineDifferences(here, there).slice(0, 5);
  const what = list.map((it) => `${it.what} is ${it.here ?? 'missing'} here, ${it.there ?? 'missing'} in ${path}`);
  const hint = 'put machines.json back as it was, or run `rescue FOLDERS…` to split what is left by it';
  return error(`machines.json has changed since the last rescue: ${what.join('; ')}`, hint);
}

export function factsOf(machines: readonly PlannedMachine[]): readonly MachineFacts[] {
  return machines.map(({ name, weight, cores }) => ({ name, weight: formatDecimal(weight), cores }));
}

/** Those of `machines.json`, of the plan and of all rescues; of each the latest word. */
export function knownMachines(machines: readonly Machine[], { plan, generations }: RescueChain): readonly Machine[] {
  const known = new Map<string, Machine>();
  for (const facts of [plan.machines, ...generations.map((generation) => generation.machines)]) {
    for (const machine of plannedMachines(facts)) known.set(machine.name, machine);
  }
  for (const { name, host } of machines) {
    const entry = known.get(name);
    if (entry !== undefined && host !== undefined) known.set(name, { ...entry, host });
  }
  for (const machine of machines) if (!known.has(machine.name)) known.set(machine.name, machine);
  const list = [...known.values()].filter(({ name }) => name !== 'all' || known.size === 1);
  return list.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function error(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
