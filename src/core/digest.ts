import { type CreateSha256, hashTexts, TextHash } from './hash.ts';
import type { Hex } from './ids.ts';
import { encodeJson, quickJson } from './json.ts';
import { asPool, type Pool } from './pool.ts';
import { formatRatio } from './ratio.ts';
import { followRecipe } from './recipe.ts';
import type { PlannedMachine } from './shares.ts';
import { findUnstorable } from './storable.ts';

/** Over all jobs in their order. Throws a RangeError that names the place of an argument that cannot be stored. */
export function digestPool(pool: Pool<readonly unknown[]>, createSha256?: CreateSha256): Hex {
  const hash = new TextHash('job-splitter/pool/v1', createSha256);
  const spell = spellerOf(pool);
  for (let index = 0; index < pool.length; index++) hash.add(spell(index));
  return hash.digest();
}

/** Spells arguments in canonical JSON: a recipe does so three times as fast as jobs are made and then spelt. */
export function spellerOf(pool: Pool<readonly unknown[]>): (index: number) => string {
  const recipe = asPool(pool)?.recipe();
  return recipe === undefined ? (index) => spellArguments(pool.at(index), index) : followRecipe(recipe).spell;
}

/** A job's arguments in canonical JSON. */
export function spellArguments(job: readonly unknown[], index: number): string {
  const quick = quickJson(job);
  if (quick !== undefined) return quick;
  const bad = findUnstorable(job, `jobs[${index}]`);
  if (bad !== undefined) throw new RangeError(`${bad.path} is ${bad.what}; a job's arguments must be JSON values`);
  return encodeJson(job);
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
