import type { Section } from '../digest.ts';
import { isRecord } from '../is-record.ts';
import type { ConfigFacts, MachineFacts } from '../plan-facts.ts';

/** What stands behind a journal's digests, as values: to say in which one a later start differs. */
export interface RecordedPlan extends ConfigFacts {
  readonly machines: readonly MachineFacts[];
}

/** The member `plan` of a journal's header; nothing where there is none. */
export function decodeRecordedPlan(value: unknown): { readonly plan?: RecordedPlan } {
  if (!isRecord(value) || !isRecord(value.random) || !isRecord(value.sections) || !Array.isArray(value.machines)) {
    return {};
  }
  const sections = Object.entries(value.sections).map(([name, section]) => [name, decodeSection(section)] as const);
  const machines = value.machines.filter(isRecord).map(({ name, weight, cores }) => ({
    name: String(name),
    weight: String(weight),
    cores: Number(cores),
  }));
  const order = String(value.order);
  return { plan: { random: decodeSection(value.random), sections: Object.fromEntries(sections), order, machines } };
}

function decodeSection(value: unknown): Section {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
