import { type CreateSha256, hashTexts, TextHash } from './hash.ts';
import type { Hex } from './ids.ts';
import { encodeJson } from './json.ts';
import type { LazyPool } from './pool.ts';
import { formatRatio } from './ratio.ts';
import type { PlannedMachine } from './shares.ts';

/** Over all jobs in their order. Throws a RangeError that names the place of an argument that cannot be stored. */
export function digestPool(
  pool: Pick<LazyPool<readonly unknown[]>, 'length' | 'putLines'>,
  createSha256?: CreateSha256,
): Hex {
  const hash = new TextHash('job-splitter/pool/v1', createSha256);
  for (let index = 0; index < pool.length; ) {
    index = pool.putLines(hash.lines, index);
    hash.pass();
  }
  return hash.digest();
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
