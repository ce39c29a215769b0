import type { RecordedPlan } from '../core/journal/recorded-plan.ts';
import { formatRatio } from '../core/ratio.ts';
import type { Prepared } from './prepare.ts';

/** What the journal's header keeps of a plan, and a later start is compared with. */
export function recordPlan({ resolved, machines }: Prepared): RecordedPlan {
  return {
    random: resolved.randomSection,
    sections: resolved.userSections,
    order: resolved.settings.run.order,
    machines: machines.map(({ name, weight, cores }) => ({ name, weight: formatRatio(weight), cores })),
  };
}
