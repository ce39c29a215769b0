import { type Diagnostic, failed, ok, type Result } from '../core/diagnostic.ts';
import { digestPlan } from '../core/digest.ts';
import { hex } from '../core/ids.ts';
import { isRecord } from '../core/is-record.ts';
import { poolLengthMax } from '../core/job-texts.ts';
import type { MachineFacts } from '../core/plan-facts.ts';
import { parseRatio } from '../core/ratio.ts';
import {
  digestGeneration,
  type Generation,
  plannedMachines,
  type RescueChain,
  type RescuedPlan,
} from '../core/rescue/generation.ts';
import { formatRanges, parseRanges } from '../core/rescue/ranges.ts';
import { whyNoMachineName } from './machine-name.ts';
import { coresMax } from './machines.ts';

/** Version of the format of `rescue.json`; every earlier one stays readable. */
const rescueVersion = 1;
/** Far more than anybody needs. */
const generationsMax = 10_000;
const charsMax = 2 ** 28;

type Json = Readonly<Record<string, unknown>>;

/**
 * The text of `rescue.json`: the plan, and every rescue of it so far. Each names its parent and carries a digest over that and
 * all it says, so that nothing can be changed, left out or put in another order without being seen.
 */
export function spellRescue({ plan, generations }: RescueChain): string {
  const content = {
    rescue: rescueVersion,
    plan,
    generations: generations.map(({ positions, ...rest }) => ({ ...rest, positions: formatRanges(positions) })),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Reads `rescue.json`: whole and unchanged, or not at all. Whether it is about this plan is another question. */
export function parseRescue(text: string, file: string): Result<RescueChain> {
  if (text.length > charsMax) return damaged(file, 'it is too large');
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return damaged(file, error instanceof Error ? error.message : String(error));
  }
  if (!isRecord(content)) return damaged(file, 'it holds no object');
  if (content.rescue !== rescueVersion) {
    return damaged(file, `version ${JSON.stringify(content.rescue)}; this program reads version ${rescueVersion}`);
  }
  const plan = readPlan(content.plan);
  if (plan === undefined) return damaged(file, 'its plan is not one, or does not fit its digest');
  const list = content.generations;
  if (!Array.isArray(list) || list.length === 0 || list.length > generationsMax) return damaged(file, 'no rescues');
  const generations: Generation[] = [];
  for (const item of list) {
    const generation = readGeneration(item, plan, generations.at(-1));
    if (typeof generation === 'string') return damaged(file, `rescue ${generations.length + 1}: ${generation}`);
    generations.push(generation);
  }
  return ok({ plan, generations });
}

function damaged(file: string, why: string): Result<never> {
  const hint = 'copy it again from where `rescue` wrote it';
  const diagnostic: Diagnostic = { severity: 'error', message: `${file} cannot be used: ${why}`, hint };
  return failed(diagnostic);
}

function readPlan(value: unknown): RescuedPlan | undefined {
  if (!isRecord(value)) return undefined;
  const { experimentDigest, planDigest, order, jobs } = value;
  const machines = readMachines(value.machines);
  if (machines === undefined || machines.length === 0) return undefined;
  if (typeof jobs !== 'number' || !Number.isInteger(jobs) || jobs <= 0 || jobs > poolLengthMax) return undefined;
  if (order !== 'shuffled' && order !== 'given') return undefined;
  if (!isDigest(experimentDigest) || !isDigest(planDigest)) return undefined;
  const experiment = hex(experimentDigest);
  const digest = digestPlan({ experiment, machines: plannedMachines(machines), order });
  return digest === planDigest
    ? { experimentDigest: experiment, planDigest: digest, order, jobs, machines }
    : undefined;
}

/** A text says what is wrong. */
function readGeneration(value: unknown, plan: RescuedPlan, before: Generation | undefined): Generation | string {
  if (!isRecord(value)) return 'it is no object';
  const machines = readMachines(value.machines);
  const { lost, relieved, number, parent, digest } = value;
  if (machines === undefined || !isNames(lost) || !isNames(relieved)) return 'its machines cannot be read';
  const positions = typeof value.positions === 'string' ? parseRanges(value.positions, plan.jobs) : undefined;
  if (positions === undefined) return 'its jobs cannot be read';
  const follows = number === (before?.number ?? 0) + 1 && parent === (before?.digest ?? plan.planDigest);
  if (!follows) return 'it does not follow the one before it';
  const content = { number: Number(number), parent: hex(String(parent)), machines, lost, relieved, positions };
  const own = digestGeneration(content);
  if (own !== digest) return 'its digest does not fit: something was changed or damaged';
  if (machines.every(({ name }) => lost.includes(name) || relieved.includes(name))) return 'nobody is left in it';
  return { ...content, digest: own };
}

function readMachines(value: unknown): readonly MachineFacts[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const machines = value.map(readMachine);
  const names = new Set(machines.map((machine) => machine?.name.normalize('NFC').toLowerCase()));
  return names.size === machines.length && isWhole(machines) ? machines : undefined;
}

function isWhole<Item>(list: readonly (Item | undefined)[]): list is readonly Item[] {
  return list.every((item) => item !== undefined);
}

function readMachine(value: unknown): MachineFacts | undefined {
  if (!isRecord(value)) return undefined;
  const { name, weight, cores }: Json = value;
  if (typeof name !== 'string' || typeof weight !== 'string' || typeof cores !== 'number') return undefined;
  // The plan of N/A names `all`.
  if (name !== 'all' && whyNoMachineName(name) !== undefined) return undefined;
  const ratio = parseRatio(weight);
  if (ratio === undefined || ratio.numerator <= 0n) return undefined;
  return Number.isInteger(cores) && cores > 0 && cores <= coresMax ? { name, weight, cores } : undefined;
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
