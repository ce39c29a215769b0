import type { RecordedPlan } from '../core/journal/recorded-plan.ts';
import type { Prepared } from './prepare.ts';

/** What the journal's header keeps of a plan, and a later start is compared with. */
export function recordPlan({ facts }: Prepared): RecordedPlan {
  return { ...facts.config, machines: facts.machines };
}
