import type { RecordedPlan } from './journal/recorded-plan.ts';
import { configDifferences, machineDifferences, type PlanDifference } from './plan-difference.ts';

export interface SettingsChange {
  /** Sentences: `[model] sweeps was "10", is "20"`. */
  readonly changes: readonly string[];
  /** Whether there is a setting of the user's own that was not there: the code may have asked for it in vain. */
  readonly adds: boolean;
}

/** Which settings are not those that a journal records. */
export function findSettingsChange(then: RecordedPlan, now: RecordedPlan): SettingsChange {
  // The seed itself is compared: how it came about does not matter. The order belongs to the plan.
  const settingsOf = ({ random: { seed: _seed, ...random }, sections }: RecordedPlan) => ({
    order: '',
    random,
    sections,
  });
  const differences = configDifferences(settingsOf(now), settingsOf(then));
  const adds = differences.some(({ what, there }) => there === undefined && !what.startsWith('[random] '));
  return { changes: differences.map(describe), adds };
}

/** In what machines.json and `[run] order` are not those that a journal records. */
export function describePlanChange(then: RecordedPlan, now: RecordedPlan): readonly string[] {
  const orderOf = ({ order }: RecordedPlan) => ({ order, random: {}, sections: {} });
  const order = configDifferences(orderOf(now), orderOf(then));
  return [...machineDifferences(now.machines, then.machines), ...order].map(describe);
}

function describe({ what, here: now, there: then }: PlanDifference): string {
  if (then === undefined) return `${what} was not there, is ${now}`;
  return now === undefined ? `${what} was ${then}, is not there any more` : `${what} was ${then}, is ${now}`;
}
