import { hashTexts, TextHash } from './hash.ts';
import type { Hex } from './ids.ts';
import { encodeJson } from './json.ts';
import type { Pool } from './pool.ts';
import { formatRatio } from './ratio.ts';
import type { PlannedMachine } from './shares.ts';
import { findUnstorable } from './storable.ts';

/** Over all jobs in their order. Throws a RangeError that names the place of an argument that cannot be stored. */
export function digestPool(pool: Pool<readonly unknown[]>): Hex {
  const hash = new TextHash('job-splitter/pool/v1');
  let index = 0;
  for (const job of pool) {
    hash.add(spellArguments(job, index++));
  }
  return hash.digest();
}

/** A job's arguments in canonical JSON. */
export function spellArguments(job: readonly unknown[], index: number): string {
  if (!job.every(isPlain)) {
    const bad = findUnstorable(job, `jobs[${index}]`);
    if (bad !== undefined) throw new RangeError(`${bad.path} is ${bad.what}; a job's arguments must be JSON values`);
  }
  return encodeJson(job);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string';
}

export type Section = Readonly<Record<string, string>>;

export interface ExperimentParts {
  readonly pool: Hex;
  /** `[random]`: what somebody set. */
  readonly random: Section;
  /** The user's own sections, effective values. */
  readonly sections: Readonly<Record<string, Section>>;
  readonly overrideSeed: string | undefined;
}

/** What is computed: pool, random numbers, the user's settings. Seeds the jobs. */
export function digestExperiment({ pool, random, sections, overrideSeed }: ExperimentParts): Hex {
  const settings = encodeJson({ random, sections });
  return hashTexts(
    'job-splitter/experiment/v1',
    pool,
    settings,
    overrideSeed === undefined ? '' : encodeJson(overrideSeed),
  );
}

export interface PlanParts {
  readonly experiment: Hex;
  readonly machines: readonly PlannedMachine[];
  readonly order: 'shuffled' | 'given';
}

/** Who computes what. Seeds the shuffle. */
export function digestPlan({ experiment, machines, order }: PlanParts): Hex {
  const list = machines.map(({ name, weight, cores }) => [name, formatRatio(weight), cores]);
  list.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return hashTexts('job-splitter/plan/v1', experiment, encodeJson(list), order);
}
