import type { BuildInfo } from '../build-info.ts';
import { type HeaderShape, parseHeader } from '../config/header.ts';
import { type Machine, machinesAreTemplate, parseMachines } from '../config/machines.ts';
import { type ResolvedConfig, resolveConfig } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { type Agreement, agreementOf } from '../core/agreement.ts';
import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { digestExperiment, digestPlan, digestPool } from '../core/digest.ts';
import { machinesOfShares } from '../core/equal-shares.ts';
import { type Hex, type MachineName, machineName } from '../core/ids.ts';
import { countOccurrences, type Occurrences } from '../core/occurrences.ts';
import type { PlanFacts } from '../core/plan-facts.ts';
import { asPool, type LazyPool, poolOfComingJobs, poolOfJobs } from '../core/pool.ts';
import { parseRatio } from '../core/ratio.ts';
import type { Piece } from '../core/rescue/piece.ts';
import { cutShares, type PlannedMachine, type Share } from '../core/shares.ts';
import type { AnyExperiment } from '../experiment.ts';
import { assetsFolder } from '../runtime/assets/unpacked-folder.ts';
import { createNodeSha256 } from '../runtime/checksum.ts';
import { type FollowedRescue, factsOf, followRescue, knownMachines } from './follow-rescue.ts';
import type { ThreeFiles } from './three-files.ts';
import { callUserCode } from './user-code.ts';

/** Everything that is decided before a run: the same on every machine that has the same files. */
export interface Prepared {
  readonly name: string;
  readonly resolved: ResolvedConfig;
  readonly files: ThreeFiles;
  /** Every machine that the plan or a rescue knows, in order of their names. */
  readonly machines: readonly Machine[];
  /** `machines.json` as it is; what N/A stands for where it is not filled in. */
  readonly machinesNow: readonly Machine[];
  /** Those that the plan is cut for. */
  readonly planned: readonly PlannedMachine[];
  /** For how many equal shares it is cut, whatever `machines.json` says; `undefined`: for machines. */
  readonly equalShares: number | undefined;
  readonly pool: LazyPool<readonly unknown[]>;
  readonly occurrences: Occurrences;
  readonly headerShape: HeaderShape;
  /** The cells of `header.csv`; `undefined`: generated. */
  readonly headerCells: readonly string[] | undefined;
  readonly seed: string;
  readonly experimentDigest: Hex;
  readonly planDigest: Hex;
  /** What all machines must have in common. */
  readonly facts: PlanFacts;
  readonly agreement: Agreement;
  /** As the plan has it, before any rescue. */
  readonly shares: readonly Share[];
  /** Who is responsible for what now, by the shares and the rescues. */
  readonly pieces: readonly Piece[];
  /** What `rescue.json` says; `undefined`: there is none. */
  readonly rescue: FollowedRescue | undefined;
}

export interface PrepareInput {
  readonly experiment: AnyExperiment;
  readonly build: BuildInfo;
  readonly files: ThreeFiles;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly overrides: readonly string[];
  /** Cut the pool into so many equal shares: `machines.json` plays no part. */
  readonly equalShares?: number | undefined;
  /** `machines.json` need not be that of the plan: a rescue is to be made for the machines as they are now. */
  readonly isForRescue?: boolean;
  /** Called when settings, machines and pool are known; shares and digests take longer. */
  readonly onPool?: ((known: KnownEarly) => void) | undefined;
}

export type KnownEarly = Pick<Prepared, 'name' | 'files' | 'machines' | 'pool'> & {
  readonly run: Settings['run'];
};

/** `runner.config` under environment and flags. */
export function readConfig({
  files,
  environment,
  overrides,
}: Pick<PrepareInput, 'files' | 'environment' | 'overrides'>): Result<ResolvedConfig> {
  return resolveConfig({ file: files.config.path, text: files.config.text, environment, overrides });
}

/** Reads, checks and plans; nothing is written and nobody is asked. */
export async function prepareRun(input: PrepareInput): Promise<Result<Prepared>> {
  const { experiment, build, files } = input;
  const resolved = readConfig(input);
  if (!resolved.ok) return resolved;
  const machines = input.equalShares === undefined ? readMachines(files) : ok(machinesOfShares(input.equalShares));
  if (!machines.ok) return machines;
  const pool = await buildPool(experiment, resolved.value);
  if (!pool.ok) return pool;
  const name = experiment.name ?? build.name;
  const { run } = resolved.value.settings;
  input.onPool?.({ name, files, machines: machines.value, pool: pool.value, run });
  return plan(input, name, resolved.value, machines.value, pool.value);
}

/**
 * No text, or the template as it was written: only N/A can run. How many cores this host has does not belong to the
 * plan: the folder may be gone on with elsewhere.
 */
function readMachines(files: ThreeFiles): Result<readonly Machine[]> {
  const { text, path } = files.machines;
  if (text !== undefined && isFilledIn(files)) return parseMachines(text, path);
  const weight = parseRatio('1');
  if (weight === undefined) throw new Error('Internal error: 1 is no number');
  return ok([{ name: allMachines, weight, cores: 1 }]);
}

export function isFilledIn({ machines: { text } }: ThreeFiles): boolean {
  return text !== undefined && !machinesAreTemplate(text);
}

/** Else (N/A, equal shares) each machine finds its cores when it starts, and the plan reckons with 1. */
export function areCoresPlanned({ equalShares, files }: Pick<Prepared, 'equalShares' | 'files'>): boolean {
  return equalShares === undefined && isFilledIn(files);
}

/** What the run folder of N/A is called after. */
export const allMachines: MachineName = machineName('all');

/** Asked for only by pools that need them. */
const filesForJobs = {
  get assets(): string {
    return assetsFolder();
  },
};

async function buildPool(
  experiment: AnyExperiment,
  { config }: ResolvedConfig,
): Promise<Result<LazyPool<readonly unknown[]>>> {
  const { jobs } = experiment;
  const made = await callUserCode('jobs', () => (typeof jobs === 'function' ? jobs(config, filesForJobs) : jobs));
  if (!made.ok) return made;
  const source: unknown = made.value;
  const lazy = asPool(source);
  if (lazy !== undefined) return ok(lazy);
  if (typeof source !== 'object' || source === null || !(Symbol.iterator in source || Symbol.asyncIterator in source)) {
    return failed(
      error(
        'jobs is neither a list, nor iterable, nor a function that returns one',
        'for example jobs: product([1, 2], range(10))',
      ),
    );
  }
  return callUserCode('jobs', () =>
    Symbol.iterator in source
      ? poolOfJobs(source as Iterable<unknown>)
      : poolOfComingJobs(source as AsyncIterable<unknown>),
  );
}

async function plan(
  { experiment, build, files, equalShares, isForRescue = false }: PrepareInput,
  name: string,
  resolved: ResolvedConfig,
  machines: readonly Machine[],
  pool: LazyPool<readonly unknown[]>,
): Promise<Result<Prepared>> {
  const { settings } = resolved;
  if (pool.length === 0) return failed(error('the experiment has no jobs', 'jobs is empty'));
  const headerShape = { results: settings.results, argumentCount: pool.at(0).length, columns: experiment.columns };
  const header = parseHeader(files.header.text ?? '', files.header.path, headerShape);
  if (!header.ok) return header;
  const overrideSeed = experiment.overrideSeed === undefined ? undefined : String(experiment.overrideSeed);
  const poolDigest = await callUserCode('jobs', () => digestPool(pool, createNodeSha256));
  if (!poolDigest.ok) return poolDigest;
  const { order } = settings.run;
  const experimentDigest = digestExperiment({
    pool: poolDigest.value,
    random: resolved.randomSection,
    sections: resolved.userSections,
    overrideSeed,
  });
  const areGiven = equalShares !== undefined || isFilledIn(files);
  const wish = { experimentDigest, order, jobs: pool.length, machines: areGiven ? machines : undefined };
  const rescue = followRescue(files.rescue, wish, isForRescue);
  if (!rescue.ok) return rescue;
  const planned = rescue.value?.planned ?? machines;
  const planDigest = digestPlan({ experiment: experimentDigest, machines: planned, order });
  const shares = cutShares(pool.length, planned);
  const facts: PlanFacts = {
    pool: {
      digest: poolDigest.value,
      jobs: pool.length,
      first: pool.spell(0),
      last: pool.spell(pool.length - 1),
    },
    config: { order, random: resolved.randomSection, sections: resolved.userSections },
    machines: factsOf(planned),
    header: header.value ?? null,
    code: build.code,
    planDigest,
  };
  return ok({
    name,
    resolved,
    files,
    machines: rescue.value === undefined ? machines : knownMachines(machines, rescue.value.chain),
    machinesNow: machines,
    planned,
    equalShares,
    pool,
    occurrences: countOccurrences(pool),
    headerShape,
    headerCells: header.value,
    seed: overrideSeed ?? settings.random.seed ?? experimentDigest,
    experimentDigest,
    planDigest,
    facts,
    agreement: agreementOf(facts),
    shares,
    pieces: rescue.value?.pieces ?? shares,
    rescue: rescue.value,
  });
}

function error(message: string, hint: string): Diagnostic {
  return { severity: 'error', message, hint };
}
