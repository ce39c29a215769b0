import type { RecordedPlan } from './journal/recorded-plan.ts';
import { configDifferences, machineDifferences, type PlanDifference } from './plan-difference.ts';

/** Which settings are not those that a journal records, as sentences: `[model] sweeps was "10", is "20"`. */
export function describeSettingsChange(then: RecordedPlan, now: RecordedPlan): readonly string[] {
  // The seed itself is compared: how it came about does not matter. The order belongs to the plan.
  const settingsOf = ({ random: { seed: _seed, ...random }, sections }: RecordedPlan) => ({
    order: '',
    random,
    sections,
  });
  return configDifferences(settingsOf(now), settingsOf(then)).map(describe);
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
